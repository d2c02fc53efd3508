import { describe, expect, it } from 'vitest';
import type { GraphAnswer, Series } from '../api/types';
import { marginQuery, pivotQuery, pivotTable, pivotTitle, readPivotSearch } from './pivot';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };
const series = (group: (string | null)[], total: number): Series => ({ group, other: false, values: [total], total });
const answer = (all: Series[], total: number): GraphAnswer => ({ graph: { buckets: [''], series: all, total: { values: [total], total } }, as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 } });

describe('the question of a pivot', () => {
  it('is a graph over the whole range by two keys', () => {
    const search = readPivotSearch({ event: 'Buy', measure: 'sum:amount', row: 'user:plan', column: 'x', days: '7' });
    expect(pivotQuery(search, UTC)).toMatchObject({
      event: 'Buy', measure: { sum: 'amount' }, interval: 'whole', group_by: [{ user: 'plan' }, { event: 'device' }], from: '2026-03-04', to: '2026-03-11',
    });
    expect(pivotTitle(search)).toBe('Sum of amount of Buy, plan by device');
    expect(readPivotSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
    expect(readPivotSearch({ measure: 'sum' }).measure).toBe('count');
  });

  it('asks for totals by one of the keys', () => {
    const query = { graph: pivotQuery(readPivotSearch({}), UTC) };
    expect([marginQuery(query, 0), marginQuery(query, 1)]).toMatchObject([{ graph: { group_by: [{ event: 'browser' }] } }, { graph: { group_by: [{ event: 'device' }] } }]);
  });
});

describe('the table of a pivot', () => {
  const all = [series(['Chrome', 'desktop'], 5), series(['Safari', 'mobile'], 9), series(['Chrome', 'mobile'], 2), series([null, 'mobile'], 1)];

  it('has the largest rows first, sums, and opens each number', () => {
    const table = pivotTable(readPivotSearch({}), { graph: { group_by: [{ event: 'browser' }, { event: 'device' }] } }, answer(all, 17), null);
    expect(table.columns.map((c) => c.label)).toEqual(['Total', 'mobile', 'desktop']);
    expect(table.rows.map(({ label, cells }) => [label, ...cells.map((c) => c.value)])).toEqual([['Safari', 9, 9, 0], ['Chrome', 7, 2, 5], ['(none)', 1, 1, 0]]);
    expect(table.rows[1]?.cells[2]).toMatchObject({ cell: { series: 0 }, heat: 5 / 9 });
    expect(table.rows[2]?.cells[0]).toEqual({ value: 1, cell: { group: [null] }, of: { graph: { group_by: [{ event: 'browser' }] } } });
    expect(table.foot?.cells.map((c) => c.value)).toEqual([17, 12, 5]);
  });

  it('shows what share of its row, its column or all a number is', () => {
    const texts = (show: string) => pivotTable(readPivotSearch({ show }), null, answer(all, 17), null).rows[1]?.cells.slice(1).map(({ text }) => text);
    expect([texts('row'), texts('column'), texts('all')]).toEqual([['28.6%', '71.4%'], ['16.7%', '100%'], ['11.8%', '29.4%']]);
    const [chrome] = pivotTable(readPivotSearch({ show: 'row' }), null, answer(all, 17), null).rows.slice(1);
    expect(chrome?.cells.map(({ heat }) => heat)).toEqual([undefined, 2 / 7, 5 / 7]);
    expect(readPivotSearch({ show: 'row', measure: 'users' }).show).toBe('values');
  });

  it('never sums up users', () => {
    const search = readPivotSearch({ measure: 'users' });
    expect(pivotTable(search, null, answer(all, 12), null).rows.map((row) => row.cells[0]?.value)).toEqual([null, null, null]);
    const margins = { rows: [series(['Chrome'], 6), series(['Safari'], 9), series([null], 1)], columns: [series(['mobile'], 10), series(['desktop'], 5)] };
    const table = pivotTable(search, null, answer(all, 12), margins);
    expect(table.rows.map((row) => row.cells[0]?.value)).toEqual([9, 6, 1]);
    expect(table.foot?.cells.map((c) => c.value)).toEqual([12, 10, 5]);
  });
});
