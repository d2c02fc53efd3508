import { describe, expect, it } from 'vitest';
import type { FunnelAnswer } from '../api/types';
import { conversions, funnelCsv, funnelQuery, funnelTitle, moved, readFunnelSearch, toBars, toGroups, windowParts } from './funnel';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };

describe('readFunnelSearch', () => {
  it('has a whole question by default', () => {
    expect(readFunnelSearch({})).toEqual({
      step: ['type:pageview', 'type:click'], window: '1d', order: 'sequential', per: 'user', exclude: [], hold: [], days: 30, group: [], top: 10,
    });
  });

  it('fills up to two steps, and takes no window that the API would not', () => {
    expect(readFunnelSearch({ step: 'Sign up' }).step).toEqual(['Sign up', 'type:pageview']);
    expect(['0d', '1y', '367d', '9999999m', 'x'].map((window) => readFunnelSearch({ window }).window)).toEqual(Array.from({ length: 5 }, () => '1d'));
    expect(['30m', '366d', '52w'].map((window) => readFunnelSearch({ window }).window)).toEqual(['30m', '366d', '52w']);
  });

  it('survives the way through an address', () => {
    const search = readFunnelSearch({
      step: ['a', 'type:click', '{"property":"p","is":"x"}'], window: '2w', order: 'strict', per: 'session', from: '2026-01-01', to: '2026-01-31',
      group: 'user:plan', top: '5', who: '{"user":"plan","is":"pro"}', exclude: ['Sign out', 'type:submit'], hold: ['path', 'device'], trend: 'week',
    });
    expect([search.exclude.length, search.hold.length, search.trend]).toEqual([2, 2, 'week']);
    expect(readFunnelSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

it('reads windows', () => {
  expect(windowParts('12h')).toEqual({ count: 12, unit: 'h' });
  expect(windowParts('1.5h')).toBeNull();
});

it('asks for no more than what was chosen', () => {
  expect(funnelQuery(readFunnelSearch({ step: ['a', 'type:click'], from: '2026-03-01', to: '2026-03-02' }), UTC)).toEqual({
    steps: ['a', { type: 'click' }], window: '1d', from: '2026-03-01', to: '2026-03-03',
  });
  expect(funnelQuery(readFunnelSearch({ order: 'any', per: 'session', group: 'event:os', top: '5' }), UTC)).toMatchObject({
    order: 'any', per: 'session', group_by: [{ event: 'os' }], top: 5,
  });
  expect(funnelQuery(readFunnelSearch({ exclude: 'type:submit', hold: 'path', trend: 'month' }), UTC)).toMatchObject({
    exclude: [{ type: 'submit' }], hold: ['path'], interval: 'month',
  });
});

it('moves steps, but not over the edge', () => {
  const steps = ['a', 'b', 'c'];
  expect(moved(steps, 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(steps, 2, -1)).toEqual(['a', 'c', 'b']);
  expect(moved(steps, 0, -1)).toBe(steps);
  expect(moved(steps, 2, 1)).toBe(steps);
});

const step = (reached: number, dropped = 0, open = 0, ms: number | null = null) => ({ reached, dropped, open, median_ms: ms, p90_ms: ms });
const answer: FunnelAnswer = {
  funnel: {
    series: [
      { group: ['Chrome'], other: false, steps: [step(8, 3, 1), step(4, 0, 0, 60_000)], conversion: { median_ms: null, p90_ms: null } },
      { group: null, other: true, steps: [step(2, 1, 1), step(0)], conversion: { median_ms: null, p90_ms: null } },
    ],
    total: [step(10, 4, 2), step(4, 0, 0, 60_000)], conversion: { median_ms: null, p90_ms: null }, edges_ms: [0, 1000],
  },
  as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 },
};

describe('bars', () => {
  it('are made of who went on, who still can, and who dropped', () => {
    const bars = toBars(answer.funnel.total);
    for (const bar of bars.slice(0, -1)) expect(bar.converted + bar.open + bar.dropped).toBe(bar.reached);
    expect(bars.map(({ reached, converted, ofFirst, ofBefore }) => [reached, converted, ofFirst, ofBefore])).toEqual([[10, 4, 1, null], [4, 4, 0.4, 0.4]]);
  });

  it('have no shares of nobody', () => {
    expect(toBars([step(0), step(0)]).map(({ ofFirst, ofBefore }) => [ofFirst, ofBefore])).toEqual([[null, null], [null, null]]);
  });

  it('of groups say which cell they are', () => {
    expect(toGroups(answer.funnel.series, ['event:browser']).map(({ label, muted, cell }) => [label, muted, cell])).toEqual([['Chrome', false, { series: 0 }], ['other', true, { series: 1 }]]);
  });
});

it('is saved step by step, of each group and of all', () => {
  const rows = funnelCsv(readFunnelSearch({ step: ['a', 'type:click'], group: 'event:browser' }), answer);
  expect(rows.slice(1)).toEqual([
    ['Chrome', 1, 'a', 8, 4, 1, 3, 100, null, null, null], ['Chrome', 2, 'Click', 4, 4, 0, 0, 50, 50, 60_000, 60_000],
    ['other', 1, 'a', 2, 0, 1, 1, 100, null, null, null], ['other', 2, 'Click', 0, 0, 0, 0, 0, 0, null, null],
    ['All together', 1, 'a', 10, 4, 2, 4, 100, null, null, null], ['All together', 2, 'Click', 4, 4, 0, 0, 40, 40, 60_000, 60_000],
  ]);
});

it('is a sentence', () => {
  expect(funnelTitle(readFunnelSearch({ step: ['a', 'type:click'] }))).toBe('a, then Click, within 1d');
});

describe('conversion over time', () => {
  const overTime = [[{ reached: 4, dropped: 3, open: 0 }, { reached: 1, dropped: 0, open: 0 }], [{ reached: 0, dropped: 0, open: 0 }, { reached: 0, dropped: 0, open: 0 }]];

  it('is the share that did all steps, and nothing where nobody began', () => {
    expect(conversions(overTime)).toEqual([0.25, null]);
  });

  it('is saved below the bars', () => {
    const search = readFunnelSearch({ step: ['a', 'b'], trend: 'week' });
    const trended = { ...answer, funnel: { ...answer.funnel, buckets: ['2026-03-02', '2026-03-09'], over_time: overTime } };
    expect(funnelCsv(search, trended).slice(-4)).toEqual([[], ['Interval', 'a', 'b', 'Conversion'], ['2026-03-02', 4, 1, 25], ['2026-03-09', 0, 0, null]]);
  });
});
