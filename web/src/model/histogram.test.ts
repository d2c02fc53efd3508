import { describe, expect, it } from 'vitest';
import type { HistogramAnswer } from '../api/types';
import { graphTitle, histogramOf, histogramQuery, readGraphSearch } from './graph';
import { binLabels, binsQuery, edgeText, histogramLines, histogramTable } from './histogram';
import { tableCsv } from './table';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };
const search = readGraphSearch({ event: 'Buy', measure: 'histogram:amount', bins: '20' });
const graph: HistogramAnswer['graph'] = {
  buckets: ['0', '10', '20'], edges: [0, 10, 20, 30], skipped: 4, outside: 0,
  series: [{ group: ['Chrome'], other: false, values: [3, 1, 0], total: 4 }, { group: null, other: true, values: [0, 0, 1], total: 1 }],
  total: { values: [3, 1, 1], total: 5 },
};
const query = { graph: histogramQuery(search, UTC) };

it('is a measure of one event alone', () => {
  expect([histogramOf(search), search.bins]).toEqual(['amount', 20]);
  expect(histogramQuery(search, UTC)).toMatchObject({ event: 'Buy', measure: { histogram: { of: 'amount', bins: 20 } }, interval: 'whole' });
  expect(readGraphSearch({ event: ['a', 'b'], measure: ['histogram:x', 'users'] }).measure).toEqual(['count', 'users']);
  expect(readGraphSearch({ event: 'a', measure: 'histogram:x', formula: '2 * A' }).measure).toEqual(['count']);
  expect(graphTitle(search)).toBe('Histogram of amount of Buy');
});

describe('bins', () => {
  it('are named by their edges, as exactly as they are wide', () => {
    expect(binLabels(graph)).toEqual(['0 – 10', '10 – 20', '20 – 30']);
    expect(binLabels({ ...graph, edges: [25, 436.20000000000005, 847.4000000000001] })).toEqual(['25 – 436', '436 – 847']);
    expect([edgeText(0.0012, 0.0004), edgeText(1234567.5, 1000), edgeText(2.5, 0)]).toEqual(['0.0012', '1,234,568', '2.5']);
    expect(binLabels({ ...graph, edges: [7, 7] })).toEqual(['7']);
  });

  it('open the people between their edges', () => {
    expect(binsQuery(query, graph)).toEqual({ graph: { ...query.graph, measure: { histogram: { of: 'amount', edges: [0, 10, 20, 30] } } } });
    const [first] = histogramTable(search, query, { graph }).rows;
    expect(first?.cells).toEqual([{ value: 3, text: '3 · 60%', cell: { at: 0 }, of: binsQuery(query, graph) }]);
  });

  it('have a column for each group', () => {
    const grouped = readGraphSearch({ event: 'Buy', measure: 'histogram:amount', group: 'event:browser' });
    expect(tableCsv(histogramTable(grouped, null, { graph }))).toEqual([
      ['From – to before \\ browser', 'Total', 'Chrome', 'other'], ['0 – 10', 3, 3, 0], ['10 – 20', 1, 1, 0], ['20 – 30', 1, 0, 1],
    ]);
    expect(histogramLines(grouped, { graph }).map(({ label, values }) => [label, values])).toEqual([['Chrome', [3, 1, 0]], ['other', [0, 0, 1]]]);
    expect(histogramLines(search, { graph }).map(({ label, values }) => [label, values])).toEqual([['amount', [3, 1, 1]]]);
  });
});
