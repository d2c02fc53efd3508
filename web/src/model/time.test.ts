import { describe, expect, it } from 'vitest';
import { addDays, axisLabel, bucketLabel, dateIn, exactTime, isDate, relativeTime } from './time';

const T = Date.parse('2026-08-01T22:30:05Z');

it('dates are of the zone, not of the browser', () => {
  expect(dateIn('UTC', T)).toBe('2026-08-01');
  expect(dateIn('Europe/Berlin', T)).toBe('2026-08-02');
  expect(dateIn('No/Such_Zone', T)).toBe('2026-08-01');
  expect(exactTime(T, 'Europe/Berlin')).toBe('2026-08-02 00:30:05 (Europe/Berlin)');
});

it('days are added across months and clock changes', () => {
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
  expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
});

it('only real dates are dates', () => {
  expect(['2026-02-28', '2026-02-29', '2026-2-1', 'x'].map(isDate)).toEqual([true, false, false, false]);
});

describe('relativeTime', () => {
  it.each([
    [0, 'now'], [45_000, '45 s ago'], [180_000, '3 min ago'], [7_200_000, '2 h ago'], [100_000_000, 'Jul 31, 18:43'], [-30_000, 'now'],
    [-7_200_000, 'Aug 2, 00:30'],
  ])('%i ms', (ago, text) => {
    expect(relativeTime(T - ago, T, 'UTC')).toBe(text);
  });
});

describe('buckets are named in their own offset', () => {
  it.each([
    ['2026-08-01T00:00:00+14:00', 'day', 'Sat, Aug 1, 2026', 'Aug 1'],
    ['2026-10-25T02:00:00-03:00', 'hour', 'Sun, Oct 25, 02:00', '02:00'],
    ['2026-08-03T00:00:00Z', 'week', 'Week of Aug 3, 2026', 'Aug 3'],
    ['2026-08-01T00:00:00+02:00', 'month', 'Aug 2026', 'Aug 2026'],
    ['2026-10-01T00:00:00+02:00', 'quarter', 'Q4 2026', 'Q4 2026'],
    ['2026-01-01T00:00:00+01:00', 'year', '2026', '2026'],
    ['odd', 'day', 'odd', 'odd'],
  ] as const)('%s by %s', (bucket, interval, label, axis) => {
    expect(bucketLabel(bucket, interval)).toBe(label);
    expect(axisLabel(bucket, interval)).toBe(axis);
  });
});
