import { describe, expect, it } from 'vitest';
import type { FunnelAnswer } from '../api/answers';
import { conversionShare, funnelQuery, funnelTitle, readFunnelSearch, stepsTable, timeBins, timesTable, trends } from './funnel';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };

describe('readFunnelSearch', () => {
  it('has two steps at least', () => {
    expect(readFunnelSearch({}).step).toEqual(['@pageview', '@click']);
    expect(readFunnelSearch({ step: 'Buy' }).step).toEqual(['Buy', '@pageview']);
  });

  it('turns nonsense into defaults', () => {
    expect(readFunnelSearch({ window: '7 days', order: 'x', per: '', into: '9', view: 'pie', interval: 'hour' }))
      .toMatchObject({ window: '7d', order: 'sequential', per: 'user', view: 'steps', interval: 'day' });
    expect(readFunnelSearch({ into: '9' }).into).toBeUndefined();
  });

  it('survives the way through an address', () => {
    const search = readFunnelSearch({
      step: ['Look', '@custom:Order Placed', '@click'], window: '30m', order: 'any', per: 'session', hold: ['path'], exclude: '@submit', group: 'event:browser', view: 'time', into: '2', days: '7',
    });
    expect(readFunnelSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

it('funnelQuery asks only for what differs', () => {
  expect(funnelQuery(readFunnelSearch({ step: ['A', 'B'], days: '7' }), UTC)).toEqual({
    funnel: { steps: ['A', 'B'], window: '7d', from: '2026-03-04', to: '2026-03-11' },
  });
  expect(funnelQuery(readFunnelSearch({ step: ['A', 'B'], view: 'trend', interval: 'week', order: 'strict', exclude: 'C' }), UTC)).toMatchObject({
    funnel: { interval: 'week', order: 'strict', exclude: ['C'] },
  });
});

it('a funnel has a sentence', () => {
  expect(funnelTitle(readFunnelSearch({ step: ['Look', 'Buy'] }))).toBe('Look → Buy, within 7d');
});

const step = (reached: number, dropped: number, open: number) => ({ reached, dropped, open, median_ms: null, p90_ms: null });
const answer: FunnelAnswer = {
  funnel: {
    series: [{ group: [], other: false, steps: [step(6, 0, 2), step(4, 0, 0)], conversion: { median_ms: 90_000, p90_ms: 1, histogram: [1, 3] } }],
    total: [step(6, 0, 2), { ...step(4, 0, 0), median_ms: 90_000 }],
    conversion: { median_ms: 90_000, p90_ms: 1, histogram: [1, 3] },
    edges_ms: [0, 60_000],
    buckets: ['a', 'b'],
    over_time: [[{ reached: 6, dropped: 0, open: 2 }, { reached: 4, dropped: 0, open: 0 }], [{ reached: 0, dropped: 0, open: 0 }, { reached: 0, dropped: 0, open: 0 }]],
  },
  as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 },
};
const search = readFunnelSearch({ step: ['Look', 'Buy'] });

describe('a funnel’s answer', () => {
  it('opens the people of each state', () => {
    const [first, last] = stepsTable(search, answer).rows;
    expect(first?.label).toBe('1. Look');
    expect(first?.cells.map((c) => c.cell)).toEqual([{ step: 1 }, undefined, undefined, undefined, { step: 1, who: 'open' }, undefined, undefined]);
    expect(last?.cells[1]?.value).toBe('66.7%');
    expect(last?.cells[5]).toEqual({ value: 90_000, text: '1.5 min' });
    expect(conversionShare(answer.funnel.total)).toBe('66.7%');
  });

  it('has times in bins', () => {
    expect(timeBins([0, 1000, 60_000, 3_600_000])).toEqual(['< 1 s', '1 s – 1 min', '1 min – 1 h', '≥ 1 h']);
    expect(timesTable(search, answer).rows[0]?.cells).toEqual([{ value: 1, cell: { bin: 0 } }, { value: 3, cell: { bin: 1 } }]);
    expect(timesTable({ ...search, into: 2 }, answer).rows[0]?.cells).toEqual([{ value: 0 }, { value: 0 }]);
  });

  it('over time has no share where nobody started', () => {
    expect(trends(answer)[0]?.values.map((v) => v && Math.round(v))).toEqual([67, null]);
  });
});
