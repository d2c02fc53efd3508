/** What all reports have in the URL alike: their events, dates, conditions and groups. */
import { EVENT_TYPES, type GroupKey, type Predicate, type Scalar, type Segment } from '../api/types';
import { texts } from '../texts';
import { readPredicate } from './predicate';
import { isSegment, readSegment } from './segment';
import { addDays, dateIn, isDate } from './time';

/** Search parameters before they are read: all may be missing, and anything may stand there. */
export type Raw = Record<string, unknown>;

/** The same for links, with the names that a report knows. */
export type Partly<S> = { [K in keyof S]?: unknown };

/** Where and when a report is asked: the project's zone says what "today" is. */
export interface At {
  zone: string;
  now: number;
}

/** Trailing days, today included; or `from` and `to`, both included. */
export interface RangeSearch {
  days?: number;
  from?: string;
  to?: string;
}

/** What any report can be narrowed by: conditions on its events, and on its people. Both are JSON. */
export interface NarrowSearch {
  where?: string;
  who?: string;
}

export const RANGES = [7, 14, 30, 90] as const;
export const TOPS = [5, 10, 20] as const;
export const MAX_GROUPS = 3;
const DEFAULT_DAYS = 14;
const DEFAULT_TOP = 10;
const MAX_DAYS = 3660;

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
export const listOf = (value: unknown): string[] => [value ?? []].flat().filter((one): one is string => typeof one === 'string' && one !== '');
export const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T => all.find((one) => one === value) ?? otherwise;

export function wholeOf(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'number' ? value : Number(textOf(value) ?? Number.NaN);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

export function readRange(raw: Raw, otherwise = DEFAULT_DAYS): RangeSearch {
  const [from, to] = [textOf(raw['from']), textOf(raw['to'])];
  if (from !== undefined && to !== undefined && isDate(from) && isDate(to) && from <= to) return { from, to };
  return { days: wholeOf(raw['days'], 1, MAX_DAYS) ?? otherwise };
}

export function readNarrow(raw: Raw): NarrowSearch {
  const json = (value: unknown, read: (text: string | undefined) => object | null) => (read(textOf(value)) === null ? undefined : textOf(value));
  const [where, who] = [json(raw['where'], readPredicate), json(raw['who'], readSegment)];
  return { ...(where === undefined ? {} : { where }), ...(who === undefined ? {} : { who }) };
}

export const readGroup = (raw: unknown): string[] => listOf(raw).filter((key) => toGroupKey(key) !== null).slice(0, MAX_GROUPS);
export const readTop = (raw: unknown): number => TOPS.find((n) => n === Number(raw)) ?? DEFAULT_TOP;

/** First and last day of the range, both included, in the project's zone. */
export function rangeOf(search: RangeSearch, { zone, now }: At): { from: string; to: string } {
  if (search.from !== undefined && search.to !== undefined) return { from: search.from, to: search.to };
  const today = dateIn(zone, now);
  return { from: addDays(today, 1 - (search.days ?? DEFAULT_DAYS)), to: today };
}

/** The part of a query that all reports have alike; dates of the API are half-open. */
export function scope(search: RangeSearch & NarrowSearch, at: At, range?: RangeSearch) {
  const { from, to } = rangeOf(range ?? search, at);
  const [where, who] = [readPredicate(search.where), readSegment(search.who)];
  return { from, to: addDays(to, 1), ...(where === null ? {} : { where }), ...(who === null ? {} : { segment: who }) };
}

export function groupBy(group: string[], top: number): { group_by?: GroupKey[]; top?: number } {
  const keys = group.map(toGroupKey).filter((key) => key !== null);
  return keys.length === 0 ? {} : { group_by: keys, top };
}

/** `event:browser`, `user:plan`, `segment:{"name":"Buyers","segment":{…}}` */
export function toGroupKey(text: string): GroupKey | null {
  const at = text.indexOf(':');
  const [of, name] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || name === '') return null;
  return of === 'event' ? { event: name } : of === 'user' ? { user: name } : of === 'segment' ? readSegmentKey(name) : null;
}

function readSegmentKey(json: string): GroupKey | null {
  try {
    const { name, segment } = JSON.parse(json) as Record<string, unknown>;
    return typeof name === 'string' && isSegment(segment) ? { segment, name } : null;
  } catch {
    return null;
  }
}

export const segmentKey = (name: string, segment: Segment): string => `segment:${JSON.stringify({ name, segment })}`;

/** What people call a key to group by. */
export function groupKeyLabel(text: string): string {
  const key = toGroupKey(text);
  if (key === null) return text;
  return 'event' in key ? key.event : 'user' in key ? key.user : (key.name ?? '');
}

/** The value of a key; of a segment, whether one is in it. */
export function groupLabel(value: Scalar, key = ''): string {
  if (value === null) return texts.graph.none;
  if (typeof value === 'boolean' && key.startsWith('segment:')) return value ? groupKeyLabel(key) : texts.graph.notIn(groupKeyLabel(key));
  return value === '' ? texts.graph.emptyText : String(value);
}

/** A group by its values, one for each key. */
export const groupsLabel = (values: Scalar[], keys: readonly string[]): string => values.map((value, at) => groupLabel(value, keys[at])).join(' · ');

/** Any event. */
export const ANY = '*';
/** What makes the text of an event something else than a definition's name. */
const MARKED = /^(\*$|type:|event:|\{)/s;

/** An event as the API wants it, of its text in the URL: a definition's name, `type:click`, a predicate as JSON, or `*`. */
export function readEvent(text: string): string | Predicate {
  if (text === ANY) return { all: [] };
  if (text.startsWith('type:')) return { type: text.slice(5) };
  if (text.startsWith('event:')) return text.slice(6);
  return (text.startsWith('{') ? readPredicate(text) : null) ?? text;
}

/** The text of a definition: its name, marked where it would be read as something else. */
export const nameText = (name: string): string => (MARKED.test(name) ? `event:${name}` : name);
export const typeText = (type: string): string => `type:${type}`;
/** The text of custom events of one name, without a definition. */
export const customText = (name: string): string => JSON.stringify({ name });

/** What people call it. */
export function eventLabel(text: string): string {
  const event = readEvent(text);
  if (typeof event === 'string') return event;
  if (text === ANY) return texts.graph.anyEvent;
  if ('type' in event && Object.keys(event).length === 1) return texts.type[event.type] ?? event.type;
  if ('name' in event && Object.keys(event).length === 1) return event.name;
  return texts.reports.unnamedEvent;
}

export const isKnownType = (text: string): boolean => EVENT_TYPES.some((type) => text === typeText(type));

/** A, B, C, as the API calls them. */
export const letter = (at: number): string => String.fromCharCode(65 + at);
