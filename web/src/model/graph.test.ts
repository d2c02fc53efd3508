import { describe, expect, it } from 'vitest';
import { rangeOf, readGraphSearch, toGroupKey, toLines, toQuery } from './graph';
import { readSearch, writeSearch } from './url';

const NOON = Date.parse('2026-03-10T12:00:00Z');

describe('readGraphSearch', () => {
  it('has a whole question by default', () => {
    expect(readGraphSearch({})).toEqual({ measure: 'count', interval: 'day', days: 14, group: [], top: 10 });
  });

  it('reads the plain form of an address', () => {
    const search = readGraphSearch(readSearch('?event=Add+to+cart&measure=users&interval=week&days=30&group=event:browser'));
    expect(search).toEqual({ event: 'Add to cart', measure: 'users', interval: 'week', days: 30, group: ['event:browser'], top: 10 });
  });

  it('keeps a name of digits a name', () => {
    expect(readGraphSearch(readSearch('?event=404')).event).toBe('404');
  });

  it('prefers dates over days, when they are dates in order', () => {
    expect(readGraphSearch({ from: '2026-01-01', to: '2026-01-31', days: '7' })).toMatchObject({ from: '2026-01-01', to: '2026-01-31' });
    expect(readGraphSearch({ from: '2026-02-30', to: '2026-03-31' })).toMatchObject({ days: 14 });
    expect(readGraphSearch({ from: '2026-03-01', to: '2026-02-01', days: '7' })).toMatchObject({ days: 7 });
  });

  it('turns nonsense into defaults', () => {
    const search = readGraphSearch({ measure: 'sum', interval: '1', days: '-3', group: ['x', 'event:', 'user:plan'], where: '{', top: '7' });
    expect(search).toEqual({ measure: 'count', interval: 'day', days: 14, group: ['user:plan'], top: 10 });
  });

  it('survives the way through an address', () => {
    const search = readGraphSearch({
      event: 'a&b=c "d" #é', measure: 'users', interval: 'hour', days: '7', group: ['event:a:b', 'user:plan'], where: '{"property":"p","is":"x&y"}',
    });
    expect(readGraphSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

describe('ranges', () => {
  it('include today, in the zone of the project', () => {
    const search = readGraphSearch({ days: '7' });
    expect(rangeOf(search, 'UTC', NOON)).toEqual({ from: '2026-03-04', to: '2026-03-10' });
    expect(rangeOf(search, 'Pacific/Kiritimati', NOON)).toEqual({ from: '2026-03-05', to: '2026-03-11' });
  });

  it('are half-open in the query', () => {
    expect(toQuery(readGraphSearch({ from: '2026-03-01', to: '2026-03-31' }), 'UTC', NOON)).toEqual({
      event: { all: [] }, measure: 'count', from: '2026-03-01', to: '2026-04-01', interval: 'day',
    });
  });
});

it('toQuery asks for groups and conditions', () => {
  const search = readGraphSearch({ type: 'click', group: ['event:browser', 'user:plan'], where: '{"user":"plan","is":"pro"}', top: '5' });
  expect(toQuery(search, 'UTC', NOON)).toMatchObject({
    event: { type: 'click' }, group_by: [{ event: 'browser' }, { user: 'plan' }], top: 5, where: { user: 'plan', is: 'pro' },
  });
});

it('group keys may have colons in their names', () => {
  expect(toGroupKey('event:a:b')).toEqual({ event: 'a:b' });
  expect(toGroupKey('browser')).toBeNull();
});

describe('toLines', () => {
  it('names groups, missing values and the rest', () => {
    const series = [
      { group: ['Chrome', 3], other: false, values: [1], total: 1 },
      { group: [null, 'pro'], other: false, values: [1], total: 1 },
      { group: [null], other: false, values: [1], total: 1 },
      { group: [''], other: false, values: [1], total: 1 },
      { group: null, other: true, values: [1], total: 1 },
    ];
    expect(toLines(series, 'x').map(({ label, muted }) => [label, muted])).toEqual([
      ['Chrome · 3', false], ['(none) · pro', false], ['(none)', true], ['(empty text)', false], ['other', true],
    ]);
  });

  it('tells a captured "(none)" from a missing value', () => {
    const of = (value: string | null) => ({ group: [value], other: false, values: [], total: 0 });
    const [missing, captured] = toLines([of(null), of('(none)')], 'x');
    expect(missing?.id).not.toBe(captured?.id);
    expect([missing?.muted, captured?.muted]).toEqual([true, false]);
  });

  it('names the one line of an ungrouped graph by its event', () => {
    expect(toLines([{ group: [], other: false, values: [2], total: 2 }], 'Add to cart')[0]?.label).toBe('Add to cart');
  });
});
