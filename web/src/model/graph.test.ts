import { describe, expect, it } from 'vitest';
import type { GraphAnswer, GraphsAnswer } from '../api/answers';
import { graphQuery, graphTitle, readGraphSearch, type GraphSearchInput } from './graph';
import { binLabels, graphTable, histogramTable, toLines } from './lines';
import { rangeOf, toGroupKey } from './scope';
import { readSearch, writeSearch } from './url';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const UTC = { zone: 'UTC', now: NOON };
const DEFAULT = { event: ['@*'], measure: ['count'], formula: [], interval: 'day', days: 14, group: [], top: 10, chart: 'lines' };
const ask = (raw: GraphSearchInput) => graphQuery(readGraphSearch(raw), UTC);

describe('readGraphSearch', () => {
  it('has a whole question by default', () => {
    expect(readGraphSearch({})).toEqual(DEFAULT);
  });

  it('reads the plain form of an address', () => {
    const search = readGraphSearch(readSearch('?event=Add+to+cart&measure=users&interval=week&days=30&group=event:browser'));
    expect(search).toEqual({ ...DEFAULT, event: ['Add to cart'], measure: ['users'], interval: 'week', days: 30, group: ['event:browser'] });
  });

  it('still reads a type that stands for the event', () => {
    expect(readGraphSearch({ type: 'click' }).event).toEqual(['@click']);
  });

  it('keeps a name of digits a name', () => {
    expect(readGraphSearch(readSearch('?event=404')).event).toEqual(['404']);
  });

  it('prefers dates over days, when they are dates in order', () => {
    expect(readGraphSearch({ from: '2026-01-01', to: '2026-01-31', days: '7' })).toMatchObject({ from: '2026-01-01', to: '2026-01-31' });
    expect(readGraphSearch({ from: '2026-02-30', to: '2026-03-31' })).toMatchObject({ days: 14 });
    expect(readGraphSearch({ from: '2026-03-01', to: '2026-02-01', days: '7' })).toMatchObject({ days: 7 });
  });

  it('turns nonsense into defaults', () => {
    const search = readGraphSearch({
      event: '@nothing', measure: ['sum', 'sum:'], interval: '1', days: '-3', group: ['x', 'event:', 'user:plan', 'segment:{'], where: '{', who: '[]', top: '7', trailing: '1', previous: 'x',
    });
    expect(search).toEqual({ ...DEFAULT, group: ['user:plan'] });
  });

  it('survives the way through an address', () => {
    const search = readGraphSearch({
      event: ['a&b=c "d" #é', '@click'], measure: ['users', 'p90:amount'], formula: ['100 * A / B'], interval: 'hour', days: '7', previous: 'true', trailing: '7', chart: 'bars',
      group: ['event:a:b', 'user:plan', 'segment:{"did":"x"}'], where: '{"property":"p","is":"x&y"}', who: '{"list":"beta"}',
    });
    expect(search).toMatchObject({ measure: ['users', 'p90:amount'], previous: true, trailing: 7, who: '{"list":"beta"}' });
    expect(readGraphSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

describe('ranges', () => {
  it('include today, in the zone of the project', () => {
    const search = readGraphSearch({ days: '7' });
    expect(rangeOf(search, UTC)).toEqual({ from: '2026-03-04', to: '2026-03-10' });
    expect(rangeOf(search, { zone: 'Pacific/Kiritimati', now: NOON })).toEqual({ from: '2026-03-05', to: '2026-03-11' });
  });

  it('are half-open in the query', () => {
    expect(ask({ from: '2026-03-01', to: '2026-03-31' })).toEqual({
      graphs: { events: [{ event: { all: [] }, measure: 'count' }], from: '2026-03-01', to: '2026-04-01', interval: 'day' },
    });
  });

  it('give way to a dashboard’s', () => {
    const query = graphQuery(readGraphSearch({ days: '7' }), UTC, { from: '2026-01-01', to: '2026-01-02' });
    expect(query).toMatchObject({ graphs: { from: '2026-01-01', to: '2026-01-03' } });
  });
});

describe('graphQuery', () => {
  it('asks for groups, conditions and users', () => {
    expect(ask({ type: 'click', group: ['event:browser', 'segment:{"did":"Buy"}'], where: '{"user":"plan","is":"pro"}', who: '{"list":"beta"}', top: '5' })).toMatchObject({
      graphs: {
        events: [{ event: { type: 'click' } }], group_by: [{ event: 'browser' }, { segment: { did: 'Buy' }, name: 'did Buy' }], top: 5,
        where: { user: 'plan', is: 'pro' }, segment: { list: 'beta' },
      },
    });
  });

  it('asks for several events, each with its measure', () => {
    expect(ask({ event: ['Buy', '@custom:Order Placed'], measure: ['users', 'p90:amount'], formula: 'A / B', previous: 'true', trailing: '7' })).toMatchObject({
      graphs: {
        events: [{ event: 'Buy', measure: 'users' }, { event: { all: [{ type: 'custom' }, { name: 'Order Placed' }] }, measure: { percentile: { of: 'amount', p: 90 } } }],
        formulas: ['A / B'], previous: true, trailing: 7,
      },
    });
  });

  it('asks for a histogram over the whole range', () => {
    expect(ask({ event: 'Buy', measure: 'histogram:amount' })).toMatchObject({ graph: { measure: { histogram: { of: 'amount' } }, interval: 'whole' } });
  });
});

it('a graph has a sentence', () => {
  expect(graphTitle(readGraphSearch({ event: ['Buy', '@click'], measure: ['users', 'avg:amount'], interval: 'week', group: ['user:plan'] })))
    .toBe('Users of Buy, Average of amount of Click, by week, grouped by plan');
});

it('group keys may have colons in their names', () => {
  expect(toGroupKey('event:a:b')).toEqual({ event: 'a:b' });
  expect(toGroupKey('browser')).toBeNull();
});

const answer = (lines: GraphsAnswer['graphs']['lines'], buckets = ['2026-03-01T00:00:00+00:00']): GraphsAnswer =>
  ({ graphs: { buckets, lines }, as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 } });
const of = (group: (string | number | null)[] | null, total: number, other = false) => ({ group, other, values: [total], total });

describe('toLines', () => {
  it('names groups, missing values and the rest', () => {
    const series = [of(['Chrome', 3], 1), of([null, 'pro'], 1), of([null], 1), of([''], 1), of(null, 1, true)];
    expect(toLines(answer([{ event: 'A', series, total: of(null, 5) }]), ['x']).map(({ label, muted }) => [label, muted])).toEqual([
      ['Chrome · 3', false], ['(none) · pro', false], ['(none)', true], ['(empty text)', false], ['other', true],
    ]);
  });

  it('tells a captured "(none)" from a missing value', () => {
    const [missing, captured] = toLines(answer([{ event: 'A', series: [of([null], 1), of(['(none)'], 1)], total: of(null, 2) }]), ['x']);
    expect(missing?.id).not.toBe(captured?.id);
    expect([missing?.muted, captured?.muted]).toEqual([true, false]);
  });

  it('names the one line of an ungrouped graph by its event, and a formula by itself, which has no people', () => {
    const lines = toLines(answer([{ event: 'A', series: [of([], 2)], total: of(null, 2) }, { formula: 'A / A', series: [of([], 1)], total: of(null, 1) }]), ['Buy']);
    expect(lines.map(({ label, cell }) => [label, cell])).toEqual([['Buy', { event: 'A' }], ['A / A', null]]);
  });
});

describe('graphTable', () => {
  it('opens every number but none of nothing', () => {
    const given = answer([{ event: 'A', series: [{ group: ['x'], other: false, values: [0, 4], total: 4 }, { group: ['y'], other: false, values: [null, 1], total: 1 }], total: { values: [0, 5], total: 5 } }],
      ['2026-03-01T00:00:00+00:00', '2026-03-02T00:00:00+00:00']);
    const table = graphTable(given, toLines(given, ['Buy']), 'day', 'key');
    expect(table.rows[0]?.cells).toEqual([
      { value: 4, cell: { event: 'A', series: 0 } }, { value: 0 }, { value: 4, cell: { event: 'A', series: 0, at: 1 } },
    ]);
    expect(table.rows[1]?.cells[1]).toEqual({ value: null });
    expect(table.foot?.cells[0]).toEqual({ value: 5, cell: { event: 'A' } });
    expect(table.columns.map((c) => c.label)).toEqual(['Total', 'Mar 1', 'Mar 2']);
  });
});

describe('histograms', () => {
  const given: GraphAnswer = {
    graph: { buckets: ['0', '5'], series: [{ group: [], other: false, values: [3, 1], total: 4 }], total: { values: [3, 1], total: 4 }, edges: [0, 5, 10] },
    as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 },
  };
  it('have a column for each bin, whose people are asked for by its edges', () => {
    const table = histogramTable(ask({ measure: 'histogram:amount' }), given, 'x');
    expect(table.columns.map((c) => c.label)).toEqual(['Total', '0 – 5', '5 – 10']);
    expect(table.rows[0]?.cells[1]).toMatchObject({ value: 3, cell: { at: 0 }, of: { graph: { measure: { histogram: { of: 'amount', edges: [0, 5, 10] } } } } });
  });
  it('round large edges', () => {
    expect(binLabels([25, 436.2000000005, 847.4])).toEqual(['25 – 436', '436 – 847']);
  });
});
