/** What a project's settings mean before they are saved. */

export const RETENTION_MAX = 36_500;
export const MASKS_MAX = 50;

/** Whether events go that are kept now. */
export function keepsLess(now: number | null, wanted: number | null): boolean {
  return wanted !== null && (now === null || wanted < now);
}

/** One selector in a line; empty lines and repetitions are nothing. */
export function readMasks(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];
}
