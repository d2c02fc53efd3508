import type { DrawnChart } from './charts/registry';

const PADDING = 32;
const TITLE_PX = 26;

/** The chart with its title above it, on the card's own background. */
export async function png(chart: DrawnChart, title: string): Promise<Blob> {
  const style = getComputedStyle(document.documentElement);
  const background = style.getPropertyValue('--cairn-card').trim() || '#ffffff';
  const drawn = chart.draw(background);
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  const font = `600 ${TITLE_PX}px system-ui, sans-serif`;
  context.font = font;
  const lines = wrap(title, drawn.width, (text) => context.measureText(text).width);
  const head = lines.length * TITLE_PX * 1.35 + PADDING;
  canvas.width = drawn.width + 2 * PADDING;
  canvas.height = drawn.height + head + 2 * PADDING;
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.getPropertyValue('--mantine-color-text').trim() || '#000000';
  context.font = font;
  lines.forEach((line, i) => context.fillText(line, PADDING, PADDING + (i + 0.9) * TITLE_PX * 1.35));
  context.drawImage(drawn, PADDING, PADDING + head);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image')))));
}

/** At spaces, as many words a line as have room. */
export function wrap(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && measure(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
