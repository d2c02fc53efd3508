/** How users do one event: on how many days, and who comes, stays and goes. The question as it stands in the URL, and its answer as a table. */
import type { LifecycleAnswer, StickinessAnswer } from '../api/types';
import { texts } from '../texts';
import { percent } from './format';
import { eventLabel, oneOf, readEvent, readNarrow, readRange, scope, textOf, typeText, type At, type NarrowSearch, type RangeSearch, type Raw } from './report';
import { opens, type Table, type TableCell } from './table';
import { axisLabel, bucketLabel } from './time';

const t = texts.explore.activity;

export const VIEWS = ['stickiness', 'lifecycle'] as const;
export const ACTIVITY_INTERVALS = ['day', 'week', 'month'] as const;
export type ActivityInterval = (typeof ACTIVITY_INTERVALS)[number];
export type ActivityAnswer = StickinessAnswer | LifecycleAnswer;

export interface ActivitySearch extends RangeSearch, NarrowSearch {
  view: (typeof VIEWS)[number];
  /** See `readEvent`. */
  event: string;
  interval: ActivityInterval;
}

/** Nobody does anything on several days of one day. */
export const intervalsOf = (view: ActivitySearch['view']) => ACTIVITY_INTERVALS.filter((one) => view === 'lifecycle' || one !== 'day');

export function readActivitySearch(raw: Raw): ActivitySearch {
  const view = oneOf(VIEWS, raw['view'], 'stickiness');
  return {
    view,
    event: textOf(raw['event']) ?? typeText('pageview'),
    interval: oneOf(intervalsOf(view), raw['interval'], 'week'),
    ...readRange(raw, 60),
    ...readNarrow(raw),
  };
}

export const activityQuery = (search: ActivitySearch, at: At, range?: RangeSearch) =>
  ({ [search.view]: { event: readEvent(search.event), interval: search.interval, ...scope(search, at, range) } });

export const activityTitle = ({ view, event, interval }: ActivitySearch) => t.sentence[view](eventLabel(event), texts.graph.intervals[interval]);

export const isEmpty = (answer: ActivityAnswer): boolean =>
  ('stickiness' in answer ? answer.stickiness.intervals.every((i) => i.users === 0) : answer.lifecycle.intervals.every((i) => LIFE.every((who) => i[who] === 0)));

export const daysOf = ({ stickiness }: StickinessAnswer) => Math.max(1, ...stickiness.intervals.map((i) => i.days.length));

export function stickinessTable(search: ActivitySearch, answer: StickinessAnswer): Table {
  const days = Array.from({ length: daysOf(answer) }, (_, d) => d + 1);
  return {
    caption: t.stickinessCaption,
    corner: texts.graph.intervals[search.interval],
    columns: [{ label: texts.graph.measures.users, strong: true }, ...days.map((d) => ({ label: t.days(d) }))],
    rows: answer.stickiness.intervals.map(({ from, users, days: counts }, at) => ({
      id: from,
      label: bucketLabel(from, search.interval),
      cells: [
        { value: users, ...opens(users, { at }) },
        ...days.map((d): TableCell => {
          const n = counts[d - 1];
          if (n === undefined) return { value: null };
          const share = users === 0 ? 0 : n / users;
          return {
            value: n, text: users === 0 ? '–' : `${n.toLocaleString('en')} · ${percent(n, users)}`, heat: share, ...opens(n, { at, days: d }),
            note: t.stickyNote(users, eventLabel(search.event), bucketLabel(from, search.interval), n, d),
          };
        }),
      ],
    })),
  };
}

export const LIFE = ['new', 'returning', 'resurrecting', 'dormant'] as const;
export const LIFE_COLORS = { new: '#4c78c9', returning: '#2a8c74', resurrecting: '#d4a72c', dormant: '#cf5446' };

export function lifecycleTable(search: ActivitySearch, { lifecycle }: LifecycleAnswer): Table {
  return {
    caption: t.lifecycleCaption,
    corner: t.state,
    columns: lifecycle.intervals.map(({ from }) => ({ label: axisLabel(from, search.interval), title: bucketLabel(from, search.interval) })),
    rows: LIFE.map((who) => ({
      id: who, label: t.life[who], color: LIFE_COLORS[who],
      cells: lifecycle.intervals.map((interval, at): TableCell => ({ value: interval[who], ...opens(interval[who], { at, who }), note: t.lifeNotes[who] })),
    })),
  };
}

export const activityTable = (search: ActivitySearch, answer: ActivityAnswer): Table =>
  ('stickiness' in answer ? stickinessTable(search, answer) : lifecycleTable(search, answer));
