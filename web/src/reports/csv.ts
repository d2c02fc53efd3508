/** Answers as CSV, as RFC 4180 has it. */
import type { CsvCell } from './types';

/** A spreadsheet would run text that begins so; with an apostrophe before it, it is shown. */
const FORMULA = /^[=+\-@\t\r]/;

export function toCsv(rows: CsvCell[][]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The mark at the beginning lets spreadsheets know that it is UTF-8. */
export const csvFile = (rows: CsvCell[][]): Blob => new Blob(['\uFEFF', toCsv(rows)], { type: 'text/csv;charset=utf-8' });
