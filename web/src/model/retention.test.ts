import { describe, expect, it } from 'vitest';
import type { RetentionAnswer, RetentionCohort } from '../api/types';
import { averages, cohortLabel, isAhead, readRetentionSearch, retentionCsv, retentionQuery, retentionTitle } from './retention';
import { retentionTable } from './retentionTable';
import { cellText } from './table';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };

describe('readRetentionSearch', () => {
  it('has a whole question by default', () => {
    expect(readRetentionSearch({})).toEqual({
      start: 'type:pageview', back: 'type:pageview', interval: 'week', periods: 8, mode: 'calendar', returned: 'on', days: 60, group: [], top: 10, show: 'percent',
    });
  });

  it('has cohorts of users alone, and no rolling months', () => {
    expect(readRetentionSearch({ group: ['event:browser', 'user:plan'] }).group).toEqual(['user:plan']);
    expect(readRetentionSearch({ interval: 'month', mode: 'rolling' }).mode).toBe('calendar');
    expect(readRetentionSearch({ interval: 'hour', periods: '0' })).toMatchObject({ interval: 'week', periods: 8 });
  });

  it('survives the way through an address', () => {
    const search = readRetentionSearch({ start: 'Sign up', back: 'type:click', interval: 'day', periods: '12', mode: 'rolling', returned: 'on_or_after', days: '90', group: 'user:plan', show: 'users' });
    expect(readRetentionSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });
});

it('asks for no more than what was chosen', () => {
  expect(retentionQuery(readRetentionSearch({ start: 'a', from: '2026-03-01', to: '2026-03-07' }), UTC)).toEqual({
    start: 'a', return: { type: 'pageview' }, interval: 'week', periods: 8, from: '2026-03-01', to: '2026-03-08',
  });
  expect(retentionQuery(readRetentionSearch({ mode: 'rolling', returned: 'on_or_after', group: 'user:plan' }), UTC)).toMatchObject({
    mode: 'rolling', returned: 'on_or_after', group_by: [{ user: 'plan' }],
  });
});

const cell = (users: number, complete = true) => ({ users, complete, sentence: '' });
const cohort = (from: string | null, users: number, ...cells: RetentionCohort['cells']): RetentionCohort => ({ from, group: null, other: false, users, cells });
const cohorts = [
  cohort('2026-03-02T00:00:00+00:00', 100, cell(50), cell(20), cell(4, false)),
  cohort('2026-03-09T00:00:00+00:00', 300, cell(90), cell(7, false), cell(0, false)),
];

it('averages over the cohorts for which a period has ended, each by its size', () => {
  const total = cohort(null, 400, cell(140), cell(27, false), cell(4, false));
  expect(averages({ cohorts, total }, 3)).toEqual([140 / 400, 20 / 100, null]);
  expect(averages({ cohorts: [cohort('2026-03-02', 0, cell(0))], total }, 1)).toEqual([null]);
  expect(averages({ cohorts: [{ ...cohort(null, 400), group: ['pro'] }], total }, 3)).toEqual([140 / 400, 27 / 400, 4 / 400]);
});

it('tells what is nobody from what has not begun', () => {
  expect([0, 1, 2].map((period) => isAhead(cohorts[1] as RetentionCohort, period))).toEqual([false, false, true]);
  expect(isAhead(cohort(null, 3, cell(0), cell(0, false)), 0)).toBe(false);
});

it('names cohorts by their interval, or by their group', () => {
  const byWeek = { interval: 'week', group: ['user:plan'] } as const;
  expect(cohortLabel(cohorts[0] as RetentionCohort, byWeek)).toBe('Week of Mar 2, 2026');
  expect(cohortLabel({ ...cohort(null, 1), group: [null] }, byWeek)).toBe('(none)');
  expect(cohortLabel({ ...cohort(null, 1), other: true }, byWeek)).toBe('other');
  expect(cohortLabel(cohort(null, 1), byWeek)).toBe('All users');
});

it('is saved cohort by cohort, without what has not begun', () => {
  const answer = { retention: { cohorts, total: cohort(null, 400, cell(140), cell(27, false), cell(4, false)) }, as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 } };
  expect(retentionCsv(readRetentionSearch({ periods: '3' }), answer)).toEqual([
    ['Began in', 'Users', 'Week 0', 'Week 1', 'Week 2'],
    ['2026-03-02', 100, 50, 20, 4], ['2026-03-09', 300, 90, 7, null], ['All users', 400, 140, 27, 4], ['Average, in percent', null, 35, 20, null],
  ]);
});

it('is a sentence', () => {
  expect(retentionTitle(readRetentionSearch({ start: 'Sign up', back: 'type:click' }))).toBe('Sign up, then Click again by week');
});

it('is a table to be painted, tinted by who came back, with a star where it still grows', () => {
  const total = cohort(null, 400, cell(140), cell(27, false), cell(4, false));
  const answer = { retention: { cohorts, total }, as_of: 0, explain: {} } as unknown as RetentionAnswer;
  const { columns, rows, foot } = retentionTable(readRetentionSearch({ periods: '3' }), answer);
  expect(columns.map(({ label }) => label)).toEqual(['Users', 'Week 0', 'Week 1', 'Week 2']);
  expect(rows.map(({ label, cells }) => [label, ...cells.map(cellText)])).toEqual([
    ['Week of Mar 2, 2026', '100', '50%', '20%', '4.0%*'], ['Week of Mar 9, 2026', '300', '30%', '2.3%*', '–'], ['All users', '400', '140', '27*', '4*'],
  ]);
  expect(rows.map(({ cells }) => cells[1]?.heat)).toEqual([0.5, 0.3, undefined]);
  expect(foot?.cells.map(cellText)).toEqual(['', '35%', '20%', '–']);
});
