/** Ten hues that stay apart for colour-blind readers, in an order that keeps neighbours unlike; then dashed once more. */
const COLORS = ['#2a8c74', '#d9822b', '#4c78c9', '#b8518f', '#8a9a2b', '#5bb0c9', '#cf5446', '#8367c7', '#a0724a', '#d4a72c'];
const OTHER = '#8b949c';

export interface LineStyle {
  color: string;
  dashed: boolean;
}

/** Of a line by its place; the rest has a grey of its own. */
export function lineStyle(at: number, other = false): LineStyle {
  return other ? { color: OTHER, dashed: true } : { color: COLORS[at % COLORS.length] ?? OTHER, dashed: at >= COLORS.length };
}
