/** Retention, stickiness and lifecycle: the question as it stands in the URL, the query, and the answer as a table. */
import type { Cohort, LifecycleAnswer, PeopleCell, ReportQuery, RetentionAnswer, StickinessAnswer } from '../api/answers';
import type { Interval } from '../api/types';
import { texts } from '../texts';
import { eventLabel, eventOf, isEventRef, type EventRef } from './eventRef';
import { percent } from './format';
import { groupText, opens } from './lines';
import { groupKeyLabel, groupKeys, oneOf, readGroups, readScope, scopeQuery, text, wholeNumber, type Moment, type Range, type Raw, type Scope } from './scope';
import type { Table, TableCell } from './table';
import { axisLabel, bucketLabel } from './time';

const t = texts.reports.retention;

export const RETENTION_VIEWS = ['retention', 'stickiness', 'lifecycle'] as const;
export const RETENTION_INTERVALS = ['day', 'week', 'month'] as const;
export const MODES = ['calendar', 'rolling'] as const;
export const RETURNED = ['on', 'on_or_after'] as const;
export const SHOWN = ['percent', 'users'] as const;
const MAX_PERIODS = 60;

export interface RetentionSearch extends Scope {
  view: (typeof RETENTION_VIEWS)[number];
  /** Of stickiness and lifecycle the event. */
  start: EventRef;
  return: EventRef;
  interval: (typeof RETENTION_INTERVALS)[number];
  periods: number;
  mode: (typeof MODES)[number];
  returned: (typeof RETURNED)[number];
  group: string[];
  shown: (typeof SHOWN)[number];
}

export function readRetentionSearch(raw: Raw): RetentionSearch {
  const event = (key: string) => {
    const ref = text(raw[key]);
    return isEventRef(ref) ? ref : '@pageview';
  };
  const view = oneOf(RETENTION_VIEWS, raw['view'], 'retention');
  const mode = oneOf(MODES, raw['mode'], 'calendar');
  const interval = oneOf(RETENTION_INTERVALS, raw['interval'], 'week');
  const fits = !(view === 'stickiness' && interval === 'day') && !(view === 'retention' && mode === 'rolling' && interval === 'month');
  return {
    view,
    start: event('start'),
    return: event('return'),
    interval: fits ? interval : 'week',
    periods: wholeNumber(raw['periods'], 1, MAX_PERIODS) ?? 8,
    mode,
    returned: oneOf(RETURNED, raw['returned'], 'on'),
    group: readGroups(raw, 3, ['user', 'segment']),
    shown: oneOf(SHOWN, raw['shown'], 'percent'),
    ...readScope(raw, 90),
  };
}

/** The intervals that a view can have. */
export const intervalsOf = ({ view, mode }: RetentionSearch) =>
  RETENTION_INTERVALS.filter((one) => !(view === 'stickiness' && one === 'day') && !(view === 'retention' && mode === 'rolling' && one === 'month'));

export function retentionQuery(search: RetentionSearch, at: Moment, range?: Range): ReportQuery {
  const scope = scopeQuery(search, at, range);
  const activity = { event: eventOf(search.start), interval: search.interval, ...scope };
  if (search.view === 'stickiness') return { stickiness: activity };
  if (search.view === 'lifecycle') return { lifecycle: activity };
  const keys = groupKeys(search.group);
  return {
    retention: {
      start: eventOf(search.start), return: eventOf(search.return), interval: search.interval, periods: search.periods, mode: search.mode, returned: search.returned,
      ...scope, ...(keys.length === 0 ? {} : { group_by: keys }),
    },
  };
}

export function retentionTitle(search: RetentionSearch): string {
  const [start, again] = [eventLabel(search.start), eventLabel(search.return)];
  const interval = texts.graph.intervals[search.interval];
  if (search.view === 'stickiness') return t.stickinessSentence(start, interval);
  if (search.view === 'lifecycle') return t.lifecycleSentence(start, interval);
  return t.sentence(start, again, interval) + (search.group.length === 0 ? '' : texts.reports.graph.groupedBy(search.group.map(groupKeyLabel).join(', ')));
}

export const cohortLabel = (cohort: Cohort, interval: Interval) =>
  cohort.from !== null ? bucketLabel(cohort.from, interval) : groupText(cohort.group, cohort.other);

/** A cell is tinted by its share; what can still change is marked. */
export function retentionTable(search: RetentionSearch, { retention }: RetentionAnswer): Table {
  // The period of the start is mostly far above the others, which would all look alike beside it.
  const shares = retention.cohorts.flatMap(({ users, cells: all }) => all.slice(1).map((cell) => (users === 0 ? 0 : cell.users / users)));
  const most = Math.max(0.01, ...shares);
  const cells = (cohort: Cohort, place: PeopleCell): TableCell[] => [
    { value: cohort.users, ...opens(cohort.users, place) },
    ...cohort.cells.map(({ users, complete, sentence }, period): TableCell => ({
      value: users,
      // Nobody can have come back yet in a period that lies ahead.
      text: cohort.users === 0 || (!complete && users === 0) ? '–' : search.shown === 'percent' ? percent(users, cohort.users) : users.toLocaleString('en'),
      ...opens(users, { ...place, period }),
      ...(cohort.users === 0 || (!complete && users === 0) ? {} : { heat: Math.min(1, users / cohort.users / most) }),
      note: complete ? sentence : `${sentence} ${t.canChange}`,
      open: !complete,
    })),
  ];
  const grouped = search.group.length > 0;
  return {
    caption: t.caption,
    corner: grouped ? search.group.map(groupKeyLabel).join(' · ') : t.cohort,
    columns: [{ label: texts.reports.measures.users, strong: true }, ...retention.total.cells.map((_, k) => ({ label: t.period(k, texts.graph.intervals[search.interval]) }))],
    rows: retention.cohorts.map((cohort, at) => ({
      id: String(at), label: cohortLabel(cohort, search.interval), muted: cohort.other, cells: cells(cohort, grouped ? { series: at } : { at }),
    })),
    foot: { id: 'total', label: t.all, cells: cells(retention.total, {}) },
  };
}

/** In percent, of periods that are over. */
export const curve = (cohort: Cohort) => cohort.cells.map(({ users, complete }) => (complete && cohort.users > 0 ? (100 * users) / cohort.users : null));

/** The share of all; of the periods of cohorts that had the time for it. */
export function totalCurve({ cohorts }: RetentionAnswer['retention']): (number | null)[] {
  const periods = cohorts[0]?.cells.length ?? 0;
  return Array.from({ length: periods }, (_, k) => {
    const over = cohorts.filter((cohort) => cohort.cells[k]?.complete);
    const users = over.reduce((sum, cohort) => sum + cohort.users, 0);
    return users === 0 ? null : (100 * over.reduce((sum, cohort) => sum + (cohort.cells[k]?.users ?? 0), 0)) / users;
  });
}

export function stickinessTable(search: RetentionSearch, { stickiness }: StickinessAnswer): Table {
  const most = Math.max(1, ...stickiness.intervals.map((i) => i.days.length));
  return {
    caption: t.stickinessCaption,
    corner: t.interval,
    columns: [{ label: texts.reports.measures.users, strong: true }, ...Array.from({ length: most }, (_, d) => ({ label: t.days(d + 1) }))],
    rows: stickiness.intervals.map(({ from, users, days }, at) => ({
      id: from,
      label: bucketLabel(from, search.interval),
      cells: [
        { value: users, ...opens(users, { at }) },
        ...Array.from({ length: most }, (_, d): TableCell => {
          const n = days[d];
          if (n === undefined) return { value: null };
          return {
            value: n, text: search.shown === 'percent' && users > 0 ? percent(n, users) : n.toLocaleString('en'), ...opens(n, { at, days: d + 1 }),
            ...(users > 0 ? { heat: n / users } : {}), note: t.stickyNote(users, eventLabel(search.start), bucketLabel(from, search.interval), n, d + 1),
          };
        }),
      ],
    })),
  };
}

export const LIFE = ['new', 'returning', 'resurrecting', 'dormant'] as const;
export const LIFE_COLORS = { new: '#4c78c9', returning: '#2a8c74', resurrecting: '#d4a72c', dormant: '#cf5446' };

export function lifecycleTable(search: RetentionSearch, { lifecycle }: LifecycleAnswer): Table {
  return {
    caption: t.lifecycleCaption,
    corner: t.state,
    columns: lifecycle.intervals.map(({ from }) => ({ label: axisLabel(from, search.interval), title: bucketLabel(from, search.interval) })),
    rows: LIFE.map((who) => ({
      id: who, label: t.life[who], color: LIFE_COLORS[who], dashed: false,
      cells: lifecycle.intervals.map((interval, at): TableCell => ({ value: interval[who], ...opens(interval[who], { at, who }), note: t.lifeNotes[who] })),
    })),
  };
}
