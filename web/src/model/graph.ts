/** The graph's question as it stands in the URL, and the query it asks. */
import {
  INTERVALS, MEASURES, type GroupKey, type GraphQuery, type Interval, type Measure, type Predicate, type Scalar, type Series,
} from '../api/types';
import { addDays, dateIn, isDate } from './time';
import { readPredicate } from './predicate';
import { texts } from '../texts';

/** All values are as a person could type them into the address bar. */
export interface GraphSearch {
  /** A definition's name; without it and without `type`, any event. */
  event?: string;
  type?: string;
  measure: Measure;
  interval: Interval;
  /** Trailing days, today included; or `from` and `to`, both included. */
  days?: number;
  from?: string;
  to?: string;
  /** `event:browser`, `user:plan` */
  group: string[];
  /** A predicate as JSON. */
  where?: string;
  top: number;
}

/** The same before it is read: all may be missing, and anything may stand there. */
export type GraphSearchInput = { [K in keyof GraphSearch]?: unknown };

export const RANGES = [7, 14, 30, 90] as const;
export const TOPS = [5, 10, 20] as const;
export const MAX_GROUPS = 3;
const DEFAULT_DAYS = 14;
const DEFAULT_TOP = 10;
const MAX_DAYS = 3660;

/** Takes whatever the address bar holds; what makes no sense becomes the default. */
export function readGraphSearch(raw: GraphSearchInput): GraphSearch {
  const text = (key: keyof GraphSearch) => (typeof raw[key] === 'string' && raw[key] !== '' ? raw[key] as string : undefined);
  const oneOf = <T extends string>(all: readonly T[], key: keyof GraphSearch, otherwise: T) =>
    all.find((one) => one === raw[key]) ?? otherwise;

  const search: GraphSearch = {
    measure: oneOf(MEASURES, 'measure', 'count'),
    interval: oneOf(INTERVALS, 'interval', 'day'),
    group: [raw.group ?? []]
      .flat()
      .filter((g): g is string => typeof g === 'string' && toGroupKey(g) !== null)
      .slice(0, MAX_GROUPS),
    top: TOPS.find((n) => n === Number(raw.top)) ?? DEFAULT_TOP,
  };
  const event = text('event');
  const type = text('type');
  if (event !== undefined) search.event = event;
  else if (type !== undefined) search.type = type;

  const [from, to] = [text('from'), text('to')];
  const days = Number(raw.days);
  if (from !== undefined && to !== undefined && isDate(from) && isDate(to) && from <= to) {
    search.from = from;
    search.to = to;
  } else {
    search.days = Number.isInteger(days) && days >= 1 && days <= MAX_DAYS ? days : DEFAULT_DAYS;
  }
  const where = text('where');
  if (where !== undefined && readPredicate(where) !== null) search.where = where;
  return search;
}

/** First and last day of the range, both included, in the project's zone. */
export function rangeOf(search: GraphSearch, zone: string, now: number): { from: string; to: string } {
  if (search.from !== undefined && search.to !== undefined) return { from: search.from, to: search.to };
  const today = dateIn(zone, now);
  return { from: addDays(today, 1 - (search.days ?? DEFAULT_DAYS)), to: today };
}

export function toQuery(search: GraphSearch, zone: string, now: number): GraphQuery {
  const { from, to } = rangeOf(search, zone, now);
  const query: GraphQuery = {
    event: search.event ?? (search.type === undefined ? { all: [] } : { type: search.type }),
    measure: search.measure,
    from,
    to: addDays(to, 1),
    interval: search.interval,
  };
  const keys = search.group.map(toGroupKey).filter((key) => key !== null);
  if (keys.length > 0) {
    query.group_by = keys;
    query.top = search.top;
  }
  const where: Predicate | null = readPredicate(search.where);
  if (where !== null) query.where = where;
  return query;
}

export function toGroupKey(text: string): GroupKey | null {
  const at = text.indexOf(':');
  const [of, name] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || name === '') return null;
  return of === 'event' ? { event: name } : of === 'user' ? { user: name } : null;
}

export interface Line {
  /** Tells lines apart: two groups can look the same when written out. */
  id: string;
  label: string;
  /** Not a captured value: the rest, or events without the property. */
  muted: boolean;
  other: boolean;
  values: number[];
  total: number;
}

export function toLines(series: Series[], eventLabel: string): Line[] {
  return series.map((s) => ({
    id: s.other ? 'other' : JSON.stringify(s.group),
    label: s.other ? texts.graph.other : s.group === null || s.group.length === 0 ? eventLabel : s.group.map(groupLabel).join(' · '),
    muted: s.other || (s.group !== null && s.group.length > 0 && s.group.every((v) => v === null)),
    other: s.other,
    values: s.values,
    total: s.total,
  }));
}

function groupLabel(value: Scalar): string {
  if (value === null) return texts.graph.none;
  return value === '' ? texts.graph.emptyText : String(value);
}
