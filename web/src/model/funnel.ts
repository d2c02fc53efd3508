/** The funnel's question as it stands in the URL, the query it asks, and its answer as tables. */
import type { FunnelAnswer, FunnelQuery, FunnelSeries, FunnelStep, PeopleCell, ReportQuery } from '../api/answers';
import { texts } from '../texts';
import { eventLabel, eventOf, isEventRef, type EventRef } from './eventRef';
import { percent, span } from './format';
import { groupText, isMuted, opens, seriesId } from './lines';
import { lineStyle } from './palette';
import { TOPS } from './graph';
import { groupKeyLabel, groupKeys, list, oneOf, readGroups, readScope, scopeQuery, text, type Moment, type Range, type Raw, type Scope } from './scope';
import { readSpan } from './segmentRows';
import type { Table, TableCell } from './table';

const t = texts.reports.funnel;

export const ORDERS = ['sequential', 'strict', 'any'] as const;
export const PERS = ['user', 'session'] as const;
export const FUNNEL_VIEWS = ['steps', 'time', 'trend'] as const;
export const FUNNEL_INTERVALS = ['day', 'week', 'month'] as const;
export const MAX_STEPS = 12;
const MAX_HOLD = 3;
const MAX_EXCLUDE = 4;

export interface FunnelSearch extends Scope {
  step: EventRef[];
  window: string;
  order: (typeof ORDERS)[number];
  per: (typeof PERS)[number];
  /** Properties that all steps have alike. */
  hold: string[];
  exclude: EventRef[];
  group: string[];
  top: number;
  view: (typeof FUNNEL_VIEWS)[number];
  /** Of the view over time. */
  interval: (typeof FUNNEL_INTERVALS)[number];
  /** Of the view of times: into which step, from 2; without, from the first to the last. */
  into?: number;
}

export function readFunnelSearch(raw: Raw): FunnelSearch {
  const step = list(raw['step']).filter(isEventRef).slice(0, MAX_STEPS);
  for (const ref of ['@pageview', '@click']) if (step.length < 2) step.push(ref);
  const window = text(raw['window']);
  const search: FunnelSearch = {
    step,
    window: window !== undefined && readSpan(window) !== null ? window : '7d',
    order: oneOf(ORDERS, raw['order'], 'sequential'),
    per: oneOf(PERS, raw['per'], 'user'),
    hold: list(raw['hold']).slice(0, MAX_HOLD),
    exclude: list(raw['exclude']).filter(isEventRef).slice(0, MAX_EXCLUDE),
    group: readGroups(raw),
    top: TOPS.find((n) => n === Number(raw['top'])) ?? 5,
    view: oneOf(FUNNEL_VIEWS, raw['view'], 'steps'),
    interval: oneOf(FUNNEL_INTERVALS, raw['interval'], 'day'),
    ...readScope(raw, 30),
  };
  const into = Number(raw['into']);
  if (Number.isInteger(into) && into >= 2 && into <= step.length) search.into = into;
  return search;
}

export function funnelQuery(search: FunnelSearch, at: Moment, range?: Range): ReportQuery {
  const funnel: FunnelQuery = { steps: search.step.map(eventOf), window: search.window, ...scopeQuery(search, at, range) };
  if (search.order !== 'sequential') funnel.order = search.order;
  if (search.per !== 'user') funnel.per = search.per;
  if (search.hold.length > 0) funnel.hold = search.hold;
  if (search.exclude.length > 0) funnel.exclude = search.exclude.map(eventOf);
  if (search.view === 'trend') funnel.interval = search.interval;
  const keys = groupKeys(search.group);
  if (keys.length > 0) Object.assign(funnel, { group_by: keys, top: search.top });
  return { funnel };
}

export const funnelTitle = (search: FunnelSearch) =>
  t.sentence(search.step.map(eventLabel).join(' → '), search.window) + (search.group.length === 0 ? '' : texts.reports.graph.groupedBy(search.group.map(groupKeyLabel).join(', ')));

export const stepName = (search: FunnelSearch, k: number) => `${k + 1}. ${eventLabel(search.step[k] ?? '')}`;

/** Of those who reached the step before. */
export const stepShare = (steps: FunnelStep[], k: number) => percent(steps[k]?.reached ?? 0, steps[Math.max(0, k - 1)]?.reached ?? 0);
export const conversionShare = (steps: FunnelStep[]) => percent(steps.at(-1)?.reached ?? 0, steps[0]?.reached ?? 0);

const timeCell = (ms: number | null | undefined): TableCell => (ms === null || ms === undefined ? { value: null } : { value: ms, text: span(ms) });

/** Each step with its three states and times, of all groups together. */
export function stepsTable(search: FunnelSearch, { funnel }: FunnelAnswer): Table {
  const number = (value: number, cell: PeopleCell): TableCell => ({ value, ...opens(value, cell) });
  return {
    caption: t.stepsCaption,
    corner: t.step,
    columns: [
      { label: t.reached, strong: true }, { label: t.ofBefore }, { label: t.ofFirst }, { label: t.dropped }, { label: t.open, title: t.openLong }, { label: t.median }, { label: t.p90 },
    ],
    rows: funnel.total.map((step, k) => ({
      id: String(k),
      label: stepName(search, k),
      cells: [
        number(step.reached, { step: k + 1 }),
        { value: k === 0 ? null : stepShare(funnel.total, k) },
        { value: percent(step.reached, funnel.total[0]?.reached ?? 0) },
        k === funnel.total.length - 1 ? { value: null } : number(step.dropped, { step: k + 1, who: 'dropped' }),
        k === funnel.total.length - 1 ? { value: null } : number(step.open, { step: k + 1, who: 'open' }),
        timeCell(step.median_ms),
        timeCell(step.p90_ms),
      ],
    })),
  };
}

export const isGrouped = ({ funnel }: FunnelAnswer) => funnel.series.length > 1 || (funnel.series[0]?.group?.length ?? 0) > 0;

export function groupsTable(search: FunnelSearch, { funnel }: FunnelAnswer): Table {
  const cells = (steps: FunnelStep[], conversion: FunnelSeries['conversion'], cell: PeopleCell): TableCell[] => [
    { value: conversionShare(steps) },
    ...steps.map(({ reached }, k): TableCell => ({ value: reached, ...opens(reached, { ...cell, step: k + 1 }) })),
    timeCell(conversion.median_ms),
  ];
  return {
    caption: t.groupsCaption,
    corner: search.group.map(groupKeyLabel).join(' · '),
    columns: [{ label: t.conversion, strong: true }, ...funnel.total.map((_, k) => ({ label: stepName(search, k) })), { label: t.median }],
    rows: funnel.series.map((s, i) => ({
      id: seriesId(s), label: groupText(s.group, s.other), muted: isMuted(s), ...lineStyle(i, s.other), cells: cells(s.steps, s.conversion, { series: i }),
    })),
    foot: { id: 'total', label: texts.reports.allGroups, cells: cells(funnel.total, funnel.conversion, {}) },
  };
}

/** How long it took, in bins: into a step, or from the first to the last. */
export function timesTable(search: FunnelSearch, { funnel }: FunnelAnswer): Table {
  const into = search.into;
  const of = (steps: FunnelStep[], conversion: FunnelSeries['conversion']) => (into === undefined ? conversion : steps[into - 1])?.histogram ?? [];
  const row = (histogram: number[], cell: PeopleCell): TableCell[] =>
    funnel.edges_ms.map((_, bin): TableCell => {
      const value = histogram[bin] ?? 0;
      return { value, ...opens(value, { ...cell, ...(into === undefined ? {} : { step: into }), bin }) };
    });
  const grouped = funnel.series.length > 1;
  return {
    caption: t.timesCaption,
    corner: t.time,
    columns: timeBins(funnel.edges_ms).map((label) => ({ label })),
    rows: grouped
      ? funnel.series.map((s, i) => ({ id: seriesId(s), label: groupText(s.group, s.other), muted: isMuted(s), ...lineStyle(i, s.other), cells: row(of(s.steps, s.conversion), { series: i }) }))
      : [{ id: 'all', label: texts.reports.measures.users, cells: row(of(funnel.total, funnel.conversion), {}) }],
    ...(grouped ? { foot: { id: 'total', label: texts.reports.allGroups, cells: row(of(funnel.total, funnel.conversion), {}) } } : {}),
  };
}

/** The last bin has no end of its own but the window. */
export const timeBins = (edges: number[]) =>
  edges.map((edge, i) => (i + 1 < edges.length ? (edge === 0 ? `< ${span(edges[1] ?? 0)}` : `${span(edge)} – ${span(edges[i + 1] ?? 0)}`) : `≥ ${span(edge)}`));

export interface Trend {
  id: string;
  label: string;
  muted: boolean;
  color: string;
  dashed: boolean;
  /** Conversion in percent; null where nobody started. */
  values: (number | null)[];
  started: number[];
  converted: number[];
  cell: PeopleCell;
}

export function trends({ funnel }: FunnelAnswer): Trend[] {
  const of = (over: { reached: number }[][] | undefined) => {
    const started = (over ?? []).map((steps) => steps[0]?.reached ?? 0);
    const converted = (over ?? []).map((steps) => steps.at(-1)?.reached ?? 0);
    return { started, converted, values: started.map((n, i) => (n === 0 ? null : (100 * (converted[i] ?? 0)) / n)) };
  };
  if (funnel.series.length <= 1) return [{ id: 'all', label: t.conversion, muted: false, ...lineStyle(0), ...of(funnel.over_time), cell: {} }];
  return funnel.series.map((s, i) => ({
    id: seriesId(s), label: groupText(s.group, s.other), muted: isMuted(s), ...lineStyle(i, s.other), ...of(s.over_time), cell: { series: i },
  }));
}
