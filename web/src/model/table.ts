/** An answer as a table: what pages show beside the chart, and what an export holds. */
import type { PeopleCell, ReportQuery } from '../api/answers';

export interface TableCell {
  value: number | string | null;
  /** How it is shown, where not as a plain number. */
  text?: string;
  /** The people behind it. */
  cell?: PeopleCell;
  /** The question that they are of, where it is not the answer's own. */
  of?: ReportQuery;
  /** From 0 to 1, how strongly it is tinted. */
  heat?: number;
  /** A sentence about it, shown on hover and focus and read aloud. */
  note?: string;
  /** Can still change. */
  open?: boolean;
}

export interface TableRow {
  id: string;
  label: string;
  muted?: boolean;
  color?: string;
  dashed?: boolean;
  cells: TableCell[];
}

export interface TableColumn {
  label: string;
  title?: string;
  strong?: boolean;
}

export interface Table {
  caption: string;
  corner: string;
  columns: TableColumn[];
  rows: TableRow[];
  foot?: TableRow;
}

/** Excel and its like run what begins with one of these. */
const FORMULA = /^[=+\-@\t\r]/;

function field(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** RFC 4180, with a mark of UTF-8 for Excel; several tables are divided by an empty line. */
export function toCsv(tables: Table[]): string {
  const parts = tables.map(({ corner, columns, rows, foot }) => {
    const head = [corner, ...columns.map((c) => c.title ?? c.label)];
    const body = [...rows, ...(foot ? [foot] : [])].map((row) => [row.label, ...row.cells.map((c) => c.value)]);
    return [head, ...body].map((line) => line.map(field).join(',')).join('\r\n');
  });
  return `\uFEFF${parts.join('\r\n\r\n')}\r\n`;
}
