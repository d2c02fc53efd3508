/** Paints a table as a picture, for reports whose drawing is one. */
import { cellText, type Table, type TableRow } from '../model/table';

const SCALE = 2;
const FONT_PX = 13;
const ROW_PX = 32;
const GAP_PX = 24;
const NAME_MAX_PX = 320;
const CELL_MAX_PX = 220;
const SWATCH_PX = 12;
/** Browsers draw nothing on a larger canvas. */
const SIDE_MAX_PX = 7_000;
const HEAT = { light: '#36a589', dark: '#1a6b59' };
const HEAT_MOST = 0.7;

/** As large as its words, in the colours of the page; what is beyond the largest picture is left out. */
export function paintTable(table: Table): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (pen === null) return canvas;
  const rows = [...table.rows.slice(0, Math.floor(SIDE_MAX_PX / ROW_PX) - 2), ...(table.foot ? [table.foot] : [])];
  pen.font = font(true);
  const widths = widthsOf(table, rows, (text) => pen.measureText(text).width);
  canvas.width = SCALE * widths.reduce((sum, width) => sum + width, 0);
  canvas.height = SCALE * ROW_PX * (rows.length + 1);
  pen.scale(SCALE, SCALE);
  pen.textBaseline = 'middle';
  const look = lookOf();
  paintLine(pen, { id: '', label: table.corner, cells: table.columns.map(({ label }) => ({ value: label })) }, 0, widths, { ...look, text: look.dimmed }, () => false);
  rows.forEach((row, at) => paintLine(pen, row, (at + 1) * ROW_PX, widths, look, (column) => row === table.foot || (table.columns[column]?.strong ?? false)));
  return canvas;
}

const font = (bold: boolean) => `${bold ? 600 : 400} ${FONT_PX}px system-ui, sans-serif`;

/** Of the names, then of each column, as many as there is room for. */
function widthsOf({ corner, columns }: Table, rows: TableRow[], measure: (text: string) => number): number[] {
  const widest = (parts: string[], most: number) => Math.min(most, GAP_PX + Math.max(0, ...parts.map(measure)));
  const swatch = rows.some((row) => row.color !== undefined) ? 2 * SWATCH_PX : 0;
  const widths = [swatch + widest([corner, ...rows.map((row) => row.label)], NAME_MAX_PX)];
  let sum = widths[0] ?? 0;
  for (const [at, { label }] of columns.entries()) {
    const width = widest([label, ...rows.map((row) => (row.cells[at] === undefined ? '' : cellText(row.cells[at])))], CELL_MAX_PX);
    if ((sum += width) > SIDE_MAX_PX) break;
    widths.push(width);
  }
  return widths;
}

interface Look {
  text: string;
  dimmed: string;
  line: string;
  heat: string;
}

function lookOf(): Look {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string, otherwise: string) => style.getPropertyValue(name) || otherwise;
  const scheme = document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'dark' : 'light';
  return { text: color('--mantine-color-text', '#000000'), dimmed: color('--mantine-color-dimmed', '#5c6670'), line: color('--cairn-line', '#e3e6e8'), heat: HEAT[scheme] };
}

function paintLine(pen: CanvasRenderingContext2D, row: TableRow, top: number, widths: number[], look: Look, isStrong: (column: number) => boolean) {
  const [name = 0, ...others] = widths;
  const middle = top + ROW_PX / 2;
  const indent = row.color === undefined ? 0 : 2 * SWATCH_PX;
  if (row.color !== undefined) {
    pen.fillStyle = row.color;
    pen.fillRect(0, middle - 2, SWATCH_PX, 4);
  }
  write(pen, row.label, { x: indent, y: middle, most: name - indent - GAP_PX / 2, align: 'left', bold: false, color: look.text });
  let left = name;
  others.forEach((width, at) => {
    const cell = row.cells[at];
    if (cell?.heat !== undefined) {
      pen.globalAlpha = cell.heat * HEAT_MOST;
      pen.fillStyle = look.heat;
      pen.fillRect(left, top, width, ROW_PX);
      pen.globalAlpha = 1;
    }
    if (cell !== undefined) write(pen, cellText(cell), { x: left + width - GAP_PX / 2, y: middle, most: width - GAP_PX, align: 'right', bold: isStrong(at), color: look.text });
    left += width;
  });
  pen.fillStyle = look.line;
  pen.fillRect(0, top + ROW_PX - 1, left, 1);
}

interface Written {
  x: number;
  y: number;
  most: number;
  align: CanvasTextAlign;
  bold: boolean;
  color: string;
}

function write(pen: CanvasRenderingContext2D, text: string, { x, y, most, align, bold, color }: Written) {
  pen.font = font(bold);
  pen.textAlign = align;
  pen.fillStyle = color;
  pen.fillText(fitting(text, most, (part) => pen.measureText(part).width), x, y);
}

/** The text, or as much of its start as fits, with an ellipsis. */
export function fitting(text: string, most: number, measure: (text: string) => number): string {
  if (measure(text) <= most) return text;
  const parts = [...text];
  let [fits, over] = [0, parts.length];
  while (over - fits > 1) {
    const half = (fits + over) >> 1;
    if (measure(`${parts.slice(0, half).join('')}…`) <= most) fits = half;
    else over = half;
  }
  return `${parts.slice(0, fits).join('')}…`;
}
