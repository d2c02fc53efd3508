/** An answer as a table: what a page shows, and what is saved as CSV. */
import type { CsvCell, Query } from '../reports/types';
import { number } from './format';

export interface TableCell {
  value: number | string | null;
  /** How it is shown, where not as a plain number. */
  text?: string;
  /** The API's cell of the people behind it; without it, it has none. */
  cell?: Record<string, unknown>;
  /** The question that the cell is of, where it is not the answer's own. */
  of?: Query;
  /** From 0 to 1, how strongly it is tinted. */
  heat?: number;
  /** A sentence about it, shown while it is pointed at or has the focus. */
  note?: string;
}

export interface TableRow {
  id: string;
  label: string;
  muted?: boolean;
  color?: string;
  cells: TableCell[];
}

export interface Table {
  caption: string;
  corner: string;
  columns: { label: string; title?: string; strong?: boolean }[];
  rows: TableRow[];
  foot?: TableRow;
}

/** Nothing has no people. */
export const opens = (value: number | null, cell: Record<string, unknown>): Pick<TableCell, 'cell'> => (value === null || value === 0 ? {} : { cell });

export const cellText = ({ text, value }: TableCell) => text ?? (typeof value === 'number' ? number(value) : (value ?? '–'));

export function tableCsv({ corner, columns, rows, foot }: Table): CsvCell[][] {
  const lines = [...rows, ...(foot ? [foot] : [])];
  return [[corner, ...columns.map((c) => c.title ?? c.label)], ...lines.map((row) => [row.label, ...row.cells.map((c) => c.value)])];
}
