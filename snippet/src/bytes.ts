// Lengths as the server counts them: UTF-8.

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** At most `max` bytes; a character that would be cut in two is left out. */
export function cutBytes(text: string, max: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, max), { stream: true });
}
