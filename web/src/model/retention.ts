/** The retention question as it stands in the URL, the query it asks, and its answer as a table. */
import type { RetentionAnswer, RetentionCohort } from '../api/types';
import { texts } from '../texts';
import {
  eventLabel, groupBy, groupsLabel, oneOf, readEvent, readGroup, readNarrow, readRange, readTop, scope, textOf, toGroupKey, typeText, wholeOf,
  type At, type NarrowSearch, type RangeSearch, type Raw,
} from './report';
import { bucketLabel } from './time';

export const RETENTION_INTERVALS = ['day', 'week', 'month'] as const;
export type RetentionInterval = (typeof RETENTION_INTERVALS)[number];
export const MODES = ['calendar', 'rolling'] as const;
export type RetentionMode = (typeof MODES)[number];
export const RETURNED = ['on', 'on_or_after'] as const;
export type Returned = (typeof RETURNED)[number];
export const SHOWS = ['percent', 'users'] as const;
export type Shows = (typeof SHOWS)[number];
export const MAX_PERIODS = 60;
const DEFAULT_PERIODS = 8;
const DEFAULT_DAYS = 60;

export interface RetentionSearch extends RangeSearch, NarrowSearch {
  /** See `readEvent`. */
  start: string;
  back: string;
  interval: RetentionInterval;
  periods: number;
  mode: RetentionMode;
  returned: Returned;
  /** Properties of users, and segments: cohorts are of people. */
  group: string[];
  top: number;
  show: Shows;
}

export function readRetentionSearch(raw: Raw): RetentionSearch {
  const interval = oneOf(RETENTION_INTERVALS, raw['interval'], 'week');
  return {
    start: textOf(raw['start']) ?? typeText('pageview'),
    back: textOf(raw['back']) ?? typeText('pageview'),
    interval,
    periods: wholeOf(raw['periods'], 1, MAX_PERIODS) ?? DEFAULT_PERIODS,
    // Months differ in length, so none can be counted from somebody's own start.
    mode: interval === 'month' ? 'calendar' : oneOf(MODES, raw['mode'], 'calendar'),
    returned: oneOf(RETURNED, raw['returned'], 'on'),
    ...readRange(raw, DEFAULT_DAYS),
    group: readGroup(raw['group']).filter((key) => !('event' in (toGroupKey(key) ?? {}))),
    top: readTop(raw['top']),
    ...readNarrow(raw),
    show: oneOf(SHOWS, raw['show'], 'percent'),
  };
}

export function retentionQuery(search: RetentionSearch, at: At, range?: RangeSearch) {
  return {
    start: readEvent(search.start),
    return: readEvent(search.back),
    interval: search.interval,
    periods: search.periods,
    ...(search.mode === 'calendar' ? {} : { mode: search.mode }),
    ...(search.returned === 'on' ? {} : { returned: search.returned }),
    ...groupBy(search.group, search.top),
    ...scope(search, at, range),
  };
}

export const retentionTitle = (search: RetentionSearch): string =>
  texts.reports.retention.sentence(eventLabel(search.start), eventLabel(search.back), texts.graph.intervals[search.interval]);

export function cohortLabel(cohort: RetentionCohort, { interval, group }: { interval: RetentionInterval; group: readonly string[] }): string {
  if (cohort.other) return texts.graph.other;
  if (cohort.group !== null) return groupsLabel(cohort.group, group);
  return cohort.from === null ? texts.reports.retention.all : bucketLabel(cohort.from, interval);
}

export const cellShare = (users: number, cohort: number): number | null => (cohort === 0 ? null : users / cohort);

/**
 * Of each period, over the cohorts for which it has ended: who came back, of all who could have. Null where it has ended for none.
 * Groups of users began all the time, so of them it is who came back so far.
 */
export function averages({ cohorts, total }: RetentionAnswer['retention'], periods: number): (number | null)[] {
  const grouped = cohorts.every((cohort) => cohort.from === null);
  return Array.from({ length: periods }, (_, period) => {
    if (grouped) return isAhead(total, period) ? null : cellShare(total.cells[period]?.users ?? 0, total.users);
    const ended = cohorts.filter((cohort) => cohort.cells[period]?.complete);
    const came = ended.reduce((sum, cohort) => sum + (cohort.cells[period]?.users ?? 0), 0);
    return cellShare(came, ended.reduce((sum, cohort) => sum + cohort.users, 0));
  });
}

/** The place among periods before which a cohort has something to say: later ones have not begun, so nobody can have come. */
export function isAhead(cohort: RetentionCohort, period: number): boolean {
  const later = cohort.cells.slice(period);
  return later.every((cell) => !cell.complete && cell.users === 0);
}

export function retentionCsv(search: RetentionSearch, { retention }: RetentionAnswer): (string | number | null)[][] {
  const t = texts.reports.retention;
  const periods = Array.from({ length: search.periods }, (_, period) => t.period(search.interval, period));
  const row = (cohort: RetentionCohort) => [
    cohort.group === null && cohort.from !== null ? cohort.from.slice(0, 10) : cohortLabel(cohort, search),
    cohort.users, ...cohort.cells.map((cell, period) => (isAhead(cohort, period) ? null : cell.users)),
  ];
  const average = averages(retention, search.periods).map((share) => (share === null ? null : Math.round(share * 10_000) / 100));
  return [[t.cohort, t.size, ...periods], ...retention.cohorts.map(row), row(retention.total), [t.averagePercent, null, ...average]];
}
