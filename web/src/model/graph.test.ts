import { describe, expect, it } from 'vitest';
import type { GraphsAnswer } from '../api/types';
import { graphQuery, graphTitle, readGraphSearch, readMeasure, toLines } from './graph';
import { graphCsv } from './graphCsv';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };

describe('readGraphSearch', () => {
  it('has a whole question by default', () => {
    expect(readGraphSearch({})).toEqual({ event: ['*'], measure: ['count'], formula: [], interval: 'day', days: 14, group: [], top: 10, chart: 'lines' });
  });

  it('reads the plain form of an address, and the one of before', () => {
    const search = readGraphSearch(readSearch('?event=Add+to+cart&measure=users&interval=week&days=30&group=event:browser'));
    expect(search).toMatchObject({ event: ['Add to cart'], measure: ['users'], interval: 'week', days: 30, group: ['event:browser'] });
    expect(readGraphSearch({ type: 'click' }).event).toEqual(['type:click']);
    expect(readGraphSearch(readSearch('?event=404')).event).toEqual(['404']);
  });

  it('gives every event a measure', () => {
    expect(readGraphSearch({ event: ['a', 'b', 'c'], measure: ['users', 'sum:'] }).measure).toEqual(['users', 'count', 'count']);
  });

  it('turns nonsense into defaults', () => {
    const search = readGraphSearch({ measure: 'median', interval: '1', days: '-3', group: ['x', 'event:', 'user:plan'], where: '{', top: '7', chart: 'pie', trailing: '1', previous: 'yes' });
    expect(search).toEqual({ event: ['*'], measure: ['count'], formula: [], interval: 'day', days: 14, group: ['user:plan'], top: 10, chart: 'lines' });
  });

  it('survives the way through an address', () => {
    const search = readGraphSearch({
      event: ['a&b=c "d" #é', 'type:click'], measure: ['sum:a:b', 'users'], formula: ['100 * B / A'], interval: 'hour', days: '7', group: ['event:a:b', 'user:plan'],
      where: '{"property":"p","is":"x&y"}', who: '{"user":"plan","is":"pro"}', previous: '1', trailing: '7', chart: 'bars',
    });
    expect(readGraphSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

it('measures are those of the API', () => {
  expect(['count', 'count_per_user', 'sum:amount', 'p90:a:b'].map(readMeasure)).toEqual(['count', 'count_per_user', { sum: 'amount' }, { percentile: { of: 'a:b', p: 90 } }]);
  expect(['', 'sum', 'sum:', 'count:x', 'p12:x'].map(readMeasure)).toEqual([null, null, null, null, null]);
});

describe('graphQuery', () => {
  it('asks for no more than what was chosen', () => {
    expect(graphQuery(readGraphSearch({ from: '2026-03-01', to: '2026-03-31' }), UTC)).toEqual({
      events: [{ event: { all: [] }, measure: 'count' }], from: '2026-03-01', to: '2026-04-01', interval: 'day',
    });
  });

  it('asks for groups, formulas, the period before and averages', () => {
    const search = readGraphSearch({ event: ['a', 'type:click'], formula: 'A / B', group: ['event:browser', 'user:plan'], top: '5', previous: '1', trailing: '7' });
    expect(graphQuery(search, UTC)).toMatchObject({
      events: [{ event: 'a' }, { event: { type: 'click' } }], formulas: ['A / B'], group_by: [{ event: 'browser' }, { user: 'plan' }], top: 5, previous: true, trailing: 7,
    });
    expect(graphQuery({ ...search, interval: 'whole' }, UTC)).not.toHaveProperty('trailing');
  });
});

const totals = { values: [2], total: 2 };
const of = (group: (string | number | null)[] | null, other = false) => ({ group, other, ...totals });
const graphs = (lines: GraphsAnswer['graphs']['lines'], previous?: GraphsAnswer['graphs']['lines']): GraphsAnswer['graphs'] =>
  ({ buckets: ['2026-03-01T00:00:00Z'], lines, ...(previous ? { previous: { from: '2026-02-28T00:00:00Z', buckets: ['2026-02-28T00:00:00Z'], lines: previous } } : {}) });

describe('toLines', () => {
  const one = readGraphSearch({ event: 'Add to cart' });

  it('names groups, missing values and the rest', () => {
    const series = [of(['Chrome', 3]), of([null, 'pro']), of([null]), of(['']), of(null, true)];
    expect(toLines(graphs([{ event: 'A', series, total: totals }]), one).map(({ label, muted }) => [label, muted])).toEqual([
      ['Chrome · 3', false], ['(none) · pro', false], ['(none)', true], ['(empty text)', false], ['other', true],
    ]);
  });

  it('tells a captured "(none)" from a missing value', () => {
    const [missing, captured] = toLines(graphs([{ event: 'A', series: [of([null]), of(['(none)'])], total: totals }]), one);
    expect(missing?.id).not.toBe(captured?.id);
    expect([missing?.muted, captured?.muted]).toEqual([true, false]);
  });

  it('names lines without groups by their events, and by their measures where those differ', () => {
    const lines = [{ event: 'A', series: [of([])], total: totals }, { event: 'B', series: [of([])], total: totals }];
    const labels = (search: Record<string, unknown>) => toLines(graphs(lines), readGraphSearch(search)).map(({ label }) => label);
    expect(labels({ event: ['Add to cart', 'type:click'] })).toEqual(['Add to cart', 'Click']);
    expect(labels({ event: ['a', 'a'], measure: ['count', 'sum:amount'] })).toEqual(['Count of a', 'Sum of amount of a']);
  });

  it('draws formulas alone, which have no people, and the period before in the colours of this one', () => {
    const lines = [{ event: 'A', series: [of([])], total: totals }, { formula: '2 * A', series: [of([])], total: totals }];
    const made = toLines(graphs(lines, lines), readGraphSearch({ event: 'a', formula: '2 * A' }));
    expect(made.map(({ label, cell, previous, at }) => [label, cell, previous, at])).toEqual([['2 * A', null, false, 0], ['2 * A, period before', null, true, 0]]);
    const plain = toLines(graphs(lines.slice(0, 1), lines.slice(0, 1)), one);
    expect(plain.map(({ cell }) => cell)).toEqual([{ event: 'A' }, { event: 'A', previous: true }]);
    const grouped = toLines(graphs(lines.slice(0, 1)), readGraphSearch({ event: 'a', group: 'event:os' }));
    expect(grouped.map(({ cell }) => cell)).toEqual([{ event: 'A', series: 0 }]);
  });
});

it('is saved with a column for each line, and totals', () => {
  const search = readGraphSearch({ event: 'a', group: 'event:browser' });
  const answer = { graphs: graphs([{ event: 'A', series: [of(['Chrome']), of(null, true)], total: totals }]), as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 } };
  expect(graphCsv(search, answer)).toEqual([['Interval', 'Chrome', 'other'], ['2026-03-01T00:00:00Z', 2, 2], ['Total', 2, 2]]);
});

it('is a sentence', () => {
  expect(graphTitle(readGraphSearch({ event: ['a', 'type:click'], measure: 'users', group: 'event:browser' }))).toBe('Users of a, Count of Click by day, grouped by browser');
  expect(graphTitle(readGraphSearch({ event: 'a', formula: '2 * A', interval: 'whole' }))).toBe('2 * A');
});
