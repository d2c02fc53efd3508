/** The graph's question as it stands in the URL, and the query it asks. */
import type { GraphQuery, GraphsQuery, MeasureQuery, ReportQuery } from '../api/answers';
import { INTERVALS, type Interval } from '../api/types';
import { texts } from '../texts';
import { ANY_EVENT, eventLabel, eventOf, isEventRef, typeRef, type EventRef } from './eventRef';
import {
  groupKeyLabel, groupKeys, list, oneOf, readGroups, readInterval, readScope, scopeQuery, text, wholeNumber, type Moment, type Range, type Raw, type Scope,
} from './scope';

export const COUNTED = ['count', 'users', 'sessions', 'count_per_user'] as const;
/** Measures of a number, written `sum:amount`. */
export const NUMERIC = ['sum', 'avg', 'min', 'max', 'p50', 'p90', 'p99', 'histogram'] as const;
export const CHARTS = ['lines', 'bars', 'number'] as const;
export type ChartKind = (typeof CHARTS)[number];
export const TOPS = [5, 10, 20, 50] as const;
export const MAX_EVENTS = 8;
const MAX_FORMULAS = 4;
const HISTOGRAM_BINS = 20;
const MAX_TRAILING = 365;

/** All values are as a person could type them into the address bar. */
export interface GraphSearch extends Scope {
  event: EventRef[];
  /** Of each event, in their order. */
  measure: string[];
  formula: string[];
  interval: Interval;
  group: string[];
  top: number;
  previous?: boolean;
  /** Averages over so many intervals. */
  trailing?: number;
  chart: ChartKind;
}

/** The same before it is read; `type` is an event of that type. */
export type GraphSearchInput = { [K in keyof GraphSearch | 'type']?: unknown };

export function readGraphSearch(raw: GraphSearchInput): GraphSearch {
  const from = raw as Raw;
  const event = list(raw.event).filter(isEventRef).slice(0, MAX_EVENTS);
  const type = text(raw.type);
  if (event.length === 0) event.push(type !== undefined && isEventRef(typeRef(type)) ? typeRef(type) : ANY_EVENT);
  const measures = list(raw.measure);
  const search: GraphSearch = {
    event,
    measure: event.map((_, i) => (isMeasure(measures[i]) ? measures[i] : 'count')),
    formula: list(raw.formula).slice(0, MAX_FORMULAS),
    interval: readInterval(from, 'day', INTERVALS),
    group: readGroups(from),
    top: TOPS.find((n) => n === Number(raw.top)) ?? 10,
    chart: oneOf(CHARTS, raw.chart, 'lines'),
    ...readScope(from, 14),
  };
  if (String(raw.previous) === 'true') search.previous = true;
  const trailing = wholeNumber(raw.trailing, 2, MAX_TRAILING);
  if (trailing !== undefined) search.trailing = trailing;
  return search;
}

function isMeasure(measure: string | undefined): measure is string {
  if (measure === undefined) return false;
  const [kind, property] = splitMeasure(measure);
  return property === undefined ? COUNTED.some((one) => one === kind) : NUMERIC.some((one) => one === kind) && property !== '';
}

export function splitMeasure(measure: string): [string, string | undefined] {
  const at = measure.indexOf(':');
  return at < 0 ? [measure, undefined] : [measure.slice(0, at), measure.slice(at + 1)];
}

export function measureOf(measure: string): MeasureQuery {
  const [kind, property] = splitMeasure(measure);
  if (property === undefined) return kind as MeasureQuery;
  const percentile = /^p(\d+)$/.exec(kind);
  return percentile ? { percentile: { of: property, p: Number(percentile[1]) } } : ({ [kind]: property } as MeasureQuery);
}

/** The property whose values are counted in bins, where the question is of that kind. */
export function histogramOf(search: GraphSearch): string | null {
  const [kind, property] = splitMeasure(search.measure[0] ?? 'count');
  return kind === 'histogram' ? (property ?? null) : null;
}

export function graphQuery(search: GraphSearch, at: Moment, range?: Range): ReportQuery {
  const scope = scopeQuery(search, at, range);
  const keys = groupKeys(search.group);
  const groups = keys.length === 0 ? {} : { group_by: keys, top: search.top };
  const binned = histogramOf(search);
  if (binned !== null) {
    const graph: GraphQuery = {
      event: eventOf(search.event[0] ?? ANY_EVENT), measure: { histogram: { of: binned, bins: HISTOGRAM_BINS } }, interval: 'whole', ...scope, ...groups,
    };
    return { graph };
  }
  const graphs: GraphsQuery = {
    events: search.event.map((ref, i) => ({ event: eventOf(ref), measure: measureOf(search.measure[i] ?? 'count') })),
    interval: search.interval, ...scope, ...groups,
  };
  if (search.formula.length > 0) graphs.formulas = search.formula;
  if (search.previous) graphs.previous = true;
  if (search.trailing !== undefined && search.interval !== 'whole') graphs.trailing = search.trailing;
  return { graphs };
}

export const letter = (i: number) => String.fromCharCode(65 + i);

export function measureText(measure: string): string {
  const [kind, property] = splitMeasure(measure);
  const names = texts.reports.measures as Record<string, string>;
  return property === undefined ? (names[kind] ?? kind) : texts.reports.measureOf(names[kind] ?? kind, property);
}

export function graphTitle(search: GraphSearch): string {
  const events = search.event.map((ref, i) => texts.reports.graph.of(measureText(search.measure[i] ?? 'count'), eventLabel(ref))).join(', ');
  const by = histogramOf(search) === null ? texts.reports.graph.by(texts.graph.intervals[search.interval]) : '';
  const grouped = search.group.length === 0 ? '' : texts.reports.graph.groupedBy(search.group.map(groupKeyLabel).join(', '));
  return [events, ...search.formula].join(', ') + by + grouped;
}
