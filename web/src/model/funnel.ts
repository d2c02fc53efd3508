/** The funnel's question as it stands in the URL, the query it asks, and its answer as bars. */
import type { FunnelAnswer, FunnelOverTime, FunnelSeries, FunnelStep } from '../api/types';
import { texts } from '../texts';
import { isMuted } from './graph';
import {
  eventLabel, groupBy, groupsLabel, listOf, oneOf, readEvent, readGroup, readNarrow, readRange, readTop, scope, textOf, typeText,
  type At, type NarrowSearch, type RangeSearch, type Raw,
} from './report';

export const ORDERS = ['sequential', 'strict', 'any'] as const;
export type Order = (typeof ORDERS)[number];
export const PERS = ['user', 'session'] as const;
export type Per = (typeof PERS)[number];
export const UNITS = ['m', 'h', 'd', 'w'] as const;
export type Unit = (typeof UNITS)[number];
export const MIN_STEPS = 2;
export const MAX_STEPS = 12;
export const TREND_INTERVALS = ['day', 'week', 'month'] as const;
export type TrendInterval = (typeof TREND_INTERVALS)[number];
export const MAX_EXCLUDED = 4;
export const MAX_HELD = 3;
const FIRST_STEPS = [typeText('pageview'), typeText('click')];
const DEFAULT_WINDOW = '1d';
const DEFAULT_DAYS = 30;
const UNIT_MINUTES: Record<Unit, number> = { m: 1, h: 60, d: 1_440, w: 10_080 };
const MAX_MINUTES = 366 * UNIT_MINUTES.d;

export interface FunnelSearch extends RangeSearch, NarrowSearch {
  /** See `readEvent`. */
  step: string[];
  /** `30m`, `1h`, `7d`, `2w` */
  window: string;
  order: Order;
  per: Per;
  /** Events that end an attempt; see `readEvent`. */
  exclude: string[];
  /** Properties that all steps have alike. */
  hold: string[];
  /** Conversion over time, too, by this. */
  trend?: TrendInterval;
  group: string[];
  top: number;
}

export function readFunnelSearch(raw: Raw): FunnelSearch {
  const steps = listOf(raw['step']).slice(0, MAX_STEPS);
  const window = textOf(raw['window']);
  const trend = TREND_INTERVALS.find((one) => one === raw['trend']);
  return {
    step: steps.length >= MIN_STEPS ? steps : [...steps, ...FIRST_STEPS].slice(0, MIN_STEPS),
    window: window !== undefined && windowParts(window) !== null ? window : DEFAULT_WINDOW,
    order: oneOf(ORDERS, raw['order'], 'sequential'),
    per: oneOf(PERS, raw['per'], 'user'),
    exclude: listOf(raw['exclude']).slice(0, MAX_EXCLUDED),
    hold: [...new Set(listOf(raw['hold']))].slice(0, MAX_HELD),
    ...(trend === undefined ? {} : { trend }),
    ...readRange(raw, DEFAULT_DAYS),
    group: readGroup(raw['group']),
    top: readTop(raw['top']),
    ...readNarrow(raw),
  };
}

/** How many of which unit; null where the API would not take it. */
export function windowParts(window: string): { count: number; unit: Unit } | null {
  const [, digits, letter] = /^(\d{1,6})([mhdw])$/.exec(window) ?? [];
  const unit = UNITS.find((one) => one === letter);
  const count = Number(digits);
  return unit === undefined || count < 1 || count * UNIT_MINUTES[unit] > MAX_MINUTES ? null : { count, unit };
}

export function funnelQuery(search: FunnelSearch, at: At, range?: RangeSearch) {
  return {
    steps: search.step.map(readEvent),
    window: search.window,
    ...(search.order === 'sequential' ? {} : { order: search.order }),
    ...(search.per === 'user' ? {} : { per: search.per }),
    ...(search.exclude.length === 0 ? {} : { exclude: search.exclude.map(readEvent) }),
    ...(search.hold.length === 0 ? {} : { hold: search.hold }),
    ...(search.trend === undefined ? {} : { interval: search.trend }),
    ...groupBy(search.group, search.top),
    ...scope(search, at, range),
  };
}

export const funnelTitle = (search: FunnelSearch): string => texts.reports.funnel.sentence(search.step.map(eventLabel), search.window);

/** The list with one place moved by one, up (-1) or down (1); the same list where it cannot. */
export function moved<T>(list: T[], at: number, by: -1 | 1): T[] {
  const to = at + by;
  const [one, other] = [list[at], list[to]];
  if (one === undefined || other === undefined) return list;
  return list.map((item, i) => (i === at ? other : i === to ? one : item));
}

export interface Bar {
  at: number;
  reached: number;
  /** Of those who reached it: came to the next step; could still; did not. */
  converted: number;
  open: number;
  dropped: number;
  /** Of those who reached the first step, and the step before; null where nobody did. */
  ofFirst: number | null;
  ofBefore: number | null;
  medianMs: number | null;
  p90Ms: number | null;
}

const share = (part: number, whole: number | undefined): number | null => (whole === undefined || whole === 0 ? null : part / whole);

export function toBars(steps: FunnelStep[]): Bar[] {
  return steps.map((step, at) => ({
    at,
    reached: step.reached,
    converted: at === steps.length - 1 ? step.reached : (steps[at + 1]?.reached ?? 0),
    open: step.open,
    dropped: step.dropped,
    ofFirst: share(step.reached, steps[0]?.reached),
    ofBefore: at === 0 ? null : share(step.reached, steps[at - 1]?.reached),
    medianMs: step.median_ms,
    p90Ms: step.p90_ms,
  }));
}

/** Of each bucket, who did all steps, as a share of who began in it; null where nobody did. */
export const conversions = (overTime: FunnelOverTime): (number | null)[] =>
  overTime.map((steps) => share(steps.at(-1)?.reached ?? 0, steps[0]?.reached));

export interface FunnelGroup {
  id: string;
  label: string;
  muted: boolean;
  other: boolean;
  bars: Bar[];
  /** Its part of the API's cell. */
  cell: Record<string, unknown>;
}

export function toGroups(series: FunnelSeries[], keys: string[]): FunnelGroup[] {
  return series.map((one, at) => ({
    id: one.other ? 'other' : JSON.stringify(one.group),
    label: one.other ? texts.graph.other : groupsLabel(one.group ?? [], keys),
    muted: isMuted(one),
    other: one.other,
    bars: toBars(one.steps),
    cell: { series: at },
  }));
}

const percentCell = (share: number | null): number | null => (share === null ? null : Math.round(share * 10_000) / 100);

export function funnelCsv(search: FunnelSearch, { funnel }: FunnelAnswer): (string | number | null)[][] {
  const t = texts.reports.funnel;
  const grouped = search.group.length > 0;
  const heading = [...(grouped ? [t.groupName] : []), '#', t.step, t.reached, t.converted, t.open, t.dropped, t.ofFirst, t.ofBefore, t.medianMs, t.p90Ms];
  const rows = (label: string, bars: Bar[]) => bars.map((bar) => [
    ...(grouped ? [label] : []), bar.at + 1, eventLabel(search.step[bar.at] ?? ''), bar.reached, bar.converted, bar.open, bar.dropped,
    percentCell(bar.ofFirst), percentCell(bar.ofBefore), bar.medianMs, bar.p90Ms,
  ]);
  const table = [heading, ...(grouped ? toGroups(funnel.series, search.group).flatMap((group) => rows(group.label, group.bars)) : []), ...rows(t.together, toBars(funnel.total))];
  return search.trend === undefined ? table : [...table, [], ...trendCsv(search, funnel)];
}

/** A row for each bucket: who began in it, and who came to the end. */
function trendCsv(search: FunnelSearch, { buckets = [], over_time: overTime = [] }: FunnelAnswer['funnel']): (string | number | null)[][] {
  const rows = buckets.map((bucket, at) => [bucket, ...(overTime[at] ?? []).map((step) => step.reached), percentCell(conversions(overTime)[at] ?? null)]);
  return [[texts.graph.interval, ...search.step.map(eventLabel), texts.reports.funnel.conversion], ...rows];
}
