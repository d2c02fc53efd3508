import { expect, it } from 'vitest';
import { toCsv, type Table } from './table';

const table = (label: string, value: number | string | null): Table => ({
  caption: '', corner: 'who', columns: [{ label: 'n' }], rows: [{ id: '1', label, cells: [{ value }] }],
});
const line = (label: string, value: number | string | null) => toCsv([table(label, value)]).split('\r\n')[1];

it('makes what spreadsheets would run harmless, and leaves numbers numbers', () => {
  expect(line('=HYPERLINK("x")', 1)).toBe('"\'=HYPERLINK(""x"")",1');
  expect(line('+1', '-2')).toBe("'+1,'-2");
  expect(line('@x', -2)).toBe("'@x,-2");
  expect(line('\tx', null)).toBe("'\tx,");
});

it('quotes what has commas, quotes or lines', () => {
  expect(line('a,b', 'c\nd')?.startsWith('"a,b","c')).toBe(true);
});

it('begins with a mark of UTF-8, and divides tables by an empty line', () => {
  const csv = toCsv([table('a', 1), table('b', 2)]);
  expect(csv.startsWith('\uFEFFwho,n\r\na,1')).toBe(true);
  expect(csv).toContain('\r\n\r\nwho,n\r\nb,2\r\n');
});
