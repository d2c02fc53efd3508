/** The graph's question as it stands in the URL, and the query it asks. */
import { INTERVALS, type GraphLine, type GraphsAnswer, type Interval, type Measure, type Scalar, type Series } from '../api/types';
import { texts } from '../texts';
import {
  ANY, eventLabel, groupBy, groupKeyLabel, groupsLabel, letter, listOf, oneOf, readEvent, readGroup, readNarrow, readRange, readTop, scope, textOf, typeText, wholeOf,
  type At, type NarrowSearch, type RangeSearch, type Raw,
} from './report';

export const CHARTS = ['lines', 'bars', 'number', 'table'] as const;
export type ChartType = (typeof CHARTS)[number];
export const MEASURES = ['count', 'users', 'sessions', 'count_per_user', 'sum', 'avg', 'min', 'max', 'p50', 'p90', 'p99', 'histogram'] as const;
export type MeasureName = (typeof MEASURES)[number];
export const MAX_EVENTS = 6;
export const MAX_FORMULAS = 3;
export const MAX_TRAILING = 90;
export const BINS = [5, 10, 20, 50] as const;
export const DEFAULT_BINS = 10;

/** All values are as a person could type them into the address bar. */
export interface GraphSearch extends RangeSearch, NarrowSearch {
  /** See `readEvent`; what is counted of each stands at the same place of `measure`. */
  event: string[];
  /** `count`, `users`, `sum:amount` */
  measure: string[];
  /** Of the letters of events: `100 * B / A` */
  formula: string[];
  interval: Interval;
  group: string[];
  top: number;
  previous?: '1';
  /** Buckets of the trailing average. */
  trailing?: number;
  /** Of a histogram; 10 without it. */
  bins?: number;
  chart: ChartType;
}

export function readGraphSearch(raw: Raw): GraphSearch {
  // `type` is how one event was written before there were several.
  const type = textOf(raw['type']);
  const named = listOf(raw['event']).slice(0, MAX_EVENTS);
  const event = named.length > 0 ? named : [type === undefined ? ANY : typeText(type)];
  const measures = listOf(raw['measure']);
  const trailing = wholeOf(raw['trailing'], 2, MAX_TRAILING);
  const bins = wholeOf(raw['bins'], 1, 100);
  const formula = listOf(raw['formula']).slice(0, MAX_FORMULAS);
  // A histogram is of one event, and has bins in the place of dates.
  const alone = event.length === 1 && formula.length === 0;
  const isKnown = (text: string) => readMeasure(text) !== null && (alone || measureParts(text).name !== 'histogram');
  return {
    event,
    measure: event.map((_, at) => (isKnown(measures[at] ?? '') ? measures[at] as string : 'count')),
    formula,
    interval: oneOf(INTERVALS, raw['interval'], 'day'),
    ...readRange(raw),
    group: readGroup(raw['group']),
    ...readNarrow(raw),
    top: readTop(raw['top']),
    ...(raw['previous'] === '1' ? { previous: '1' as const } : {}),
    ...(trailing === undefined ? {} : { trailing }),
    ...(bins === undefined || bins === DEFAULT_BINS ? {} : { bins }),
    chart: oneOf(CHARTS, raw['chart'], 'lines'),
  };
}

/** Of a measure's text its name and, where it has one, its property. */
export function measureParts(text: string): { name: MeasureName; property: string } {
  const at = text.indexOf(':');
  return { name: oneOf(MEASURES, at < 0 ? text : text.slice(0, at), 'count'), property: at < 0 ? '' : text.slice(at + 1) };
}

export const takesProperty = (name: MeasureName): boolean => MEASURES.indexOf(name) > MEASURES.indexOf('count_per_user');

/** A measure as the API wants it; null where it is not whole. */
export function readMeasure(text: string): Measure | null {
  const at = text.indexOf(':');
  const name = MEASURES.find((one) => one === (at < 0 ? text : text.slice(0, at)));
  if (name === undefined) return null;
  if (!takesProperty(name)) return at < 0 ? (name as Measure) : null;
  const property = text.slice(at + 1);
  if (at < 0 || property === '') return null;
  if (name === 'histogram') return { histogram: { of: property, bins: DEFAULT_BINS } };
  return name.startsWith('p') ? { percentile: { of: property, p: Number(name.slice(1)) } } : ({ [name]: property } as Measure);
}

/** The property of which it shows how its numbers are spread; null for a graph over time. */
export function histogramOf({ measure: [measure = ''] }: Pick<GraphSearch, 'measure'>): string | null {
  const { name, property } = measureParts(measure);
  return name === 'histogram' ? property : null;
}

export function histogramQuery(search: GraphSearch, at: At, range?: RangeSearch) {
  return {
    event: readEvent(search.event[0] ?? ANY),
    measure: { histogram: { of: histogramOf(search) ?? '', bins: search.bins ?? DEFAULT_BINS } },
    interval: 'whole' as const,
    ...groupBy(search.group, search.top),
    ...scope(search, at, range),
  };
}

export function graphQuery(search: GraphSearch, at: At, range?: RangeSearch) {
  return {
    events: search.event.map((event, i) => ({ event: readEvent(event), measure: readMeasure(search.measure[i] ?? '') ?? 'count' })),
    ...(search.formula.length === 0 ? {} : { formulas: search.formula }),
    ...(search.previous === undefined ? {} : { previous: true }),
    ...(search.trailing === undefined || search.interval === 'whole' ? {} : { trailing: search.trailing }),
    interval: search.interval,
    ...groupBy(search.group, search.top),
    ...scope(search, at, range),
  };
}

export function measureLabel(text: string): string {
  const { name, property } = measureParts(text);
  return takesProperty(name) ? texts.reports.measureOf(texts.graph.measures[name], property) : texts.graph.measures[name];
}

export function graphTitle(search: GraphSearch): string {
  const what = search.formula.length > 0 ? search.formula.join(', ') : search.event.map((event, at) => texts.graph.what(measureLabel(search.measure[at] ?? ''), eventLabel(event))).join(', ');
  const groups = search.group.map(groupKeyLabel).join(', ');
  return texts.graph.sentence(what, search.interval === 'whole' || histogramOf(search) !== null ? null : texts.graph.intervals[search.interval], groups === '' ? null : groups);
}

type Value = number | null;

export interface Line {
  /** Tells lines apart: two groups can look the same when written out. */
  id: string;
  label: string;
  /** Not a captured value: the rest, or events without the property. */
  muted: boolean;
  other: boolean;
  /** Of the period before: drawn dotted beside the one that it belongs to. */
  previous: boolean;
  /** The place among lines that decides the colour: those of the period before have that of theirs. */
  at: number;
  values: Value[];
  total: Value;
  /** The cell of the API that its people are behind; none for formulas. */
  cell: Record<string, unknown> | null;
  trailing?: Value[];
}

type Graphs = GraphsAnswer['graphs'];

/** With formulas, they are the answer; else each event is. Groups of one event are lines of their own. */
export function toLines(graphs: Graphs, search: GraphSearch): Line[] {
  const now = linesOf(graphs.lines, search, false);
  const before = graphs.previous === undefined ? [] : linesOf(graphs.previous.lines, search, true);
  // Each beside what it was before.
  return [...now, ...before].sort((a, b) => a.at - b.at);
}

/** The answer's lines that are drawn. */
export const drawn = (lines: GraphLine[]): GraphLine[] => (lines.some((line) => 'formula' in line) ? lines.filter((line) => 'formula' in line) : lines);

function linesOf(lines: GraphLine[], search: GraphSearch, previous: boolean): Line[] {
  const shown = drawn(lines);
  return shown.flatMap((line, i) => line.series.map((series, at) => {
    const name = lineName(line, search);
    const label = seriesLabel(series, search.group, shown.length > 1 ? name : null) || name;
    return {
      id: `${previous ? 'previous ' : ''}${i} ${series.other ? 'other' : JSON.stringify(series.group)}`,
      label: previous ? texts.graph.before(label) : label,
      muted: isMuted(series),
      other: series.other,
      previous,
      at: i * line.series.length + at,
      values: series.values,
      total: series.total,
      cell: 'formula' in line ? null : { event: line.event, ...(search.group.length === 0 ? {} : { series: at }), ...(previous ? { previous: true } : {}) },
      ...(series.trailing === undefined ? {} : { trailing: series.trailing }),
    };
  }));
}

export function lineName(line: GraphLine, search: GraphSearch): string {
  if ('formula' in line) return line.formula;
  const at = search.event.findIndex((_, i) => letter(i) === line.event);
  const name = eventLabel(search.event[at] ?? ANY);
  const measures = new Set(search.measure);
  return measures.size > 1 || search.event.length > new Set(search.event).size ? texts.graph.what(measureLabel(search.measure[at] ?? ''), name) : name;
}

/** The group's values, after the line's name where several have groups; without groups, the name alone or nothing. */
export function seriesLabel(series: Pick<Series, 'other' | 'group'>, keys: string[], name: string | null): string {
  const group = series.other ? texts.graph.other : groupsLabel(series.group ?? [], keys);
  return [name, group].filter(Boolean).join(' · ');
}

export const isMuted = (series: { other: boolean; group: Scalar[] | null }): boolean =>
  series.other || (series.group !== null && series.group.length > 0 && series.group.every((v) => v === null));
