/** What all reports share in their address: the range, the conditions, who counts, and groups. */
import { INTERVALS, type GroupKey, type Interval, type Predicate, type Segment } from '../api/types';
import { readPredicate } from './predicate';
import { readSegment, segmentText } from './segment';
import { addDays, dateIn, isDate } from './time';

export interface Range {
  /** The first and the last day, both included, in the project's zone. */
  from: string;
  to: string;
}

export interface Scope {
  /** Trailing days, today included; or `from` and `to`. */
  days?: number;
  from?: string;
  to?: string;
  /** A predicate as JSON. */
  where?: string;
  /** A segment as JSON. */
  who?: string;
}

/** When and where a question is asked: trailing days end today, in the project's zone. */
export interface Moment {
  zone: string;
  now: number;
}

export type Raw = Record<string, unknown>;

export const RANGES = [7, 14, 30, 90] as const;
export const MAX_GROUPS = 3;
const MAX_DAYS = 3660;

export const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
export const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T => all.find((one) => one === value) ?? otherwise;
export const list = (value: unknown): string[] => [value ?? []].flat().filter((one): one is string => typeof one === 'string' && one !== '');

export function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = Number(value);
  return value !== undefined && value !== '' && Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

/** Takes whatever the address bar holds; what makes no sense becomes the default. */
export function readScope(raw: Raw, defaultDays: number): Scope {
  const scope: Scope = {};
  const [from, to] = [text(raw['from']), text(raw['to'])];
  if (from !== undefined && to !== undefined && isDate(from) && isDate(to) && from <= to) Object.assign(scope, { from, to });
  else scope.days = wholeNumber(raw['days'], 1, MAX_DAYS) ?? defaultDays;
  const where = text(raw['where']);
  if (where !== undefined && readPredicate(where) !== null) scope.where = where;
  const who = text(raw['who']);
  if (who !== undefined && readSegment(who) !== null) scope.who = who;
  return scope;
}

export const readInterval = (raw: Raw, otherwise: Interval, all: readonly Interval[] = INTERVALS) => oneOf(all, raw['interval'], otherwise);

export function rangeOf(scope: Scope, { zone, now }: Moment): Range {
  if (scope.from !== undefined && scope.to !== undefined) return { from: scope.from, to: scope.to };
  const today = dateIn(zone, now);
  return { from: addDays(today, 1 - (scope.days ?? 1)), to: today };
}

export interface ScopeQuery {
  from: string;
  to: string;
  where?: Predicate;
  segment?: Segment;
}

export function scopeQuery(scope: Scope, at: Moment, range?: Range): ScopeQuery {
  const { from, to } = range ?? rangeOf(scope, at);
  const query: ScopeQuery = { from, to: addDays(to, 1) };
  const where = readPredicate(scope.where);
  if (where !== null) query.where = where;
  const segment = readSegment(scope.who);
  if (segment !== null) query.segment = segment;
  return query;
}

/** `event:browser`, `user:plan`, or `segment:` and a segment as JSON. */
export function toGroupKey(key: string): GroupKey | null {
  const at = key.indexOf(':');
  const [of, name] = [key.slice(0, at), key.slice(at + 1)];
  if (at < 0 || name === '') return null;
  if (of === 'event') return { event: name };
  if (of === 'user') return { user: name };
  const segment = of === 'segment' ? readSegment(name) : null;
  return segment === null ? null : { segment, name: segmentText(segment) };
}

export function groupKeyLabel(key: string): string {
  const read = toGroupKey(key);
  if (read === null) return key;
  return 'event' in read ? read.event : 'user' in read ? read.user : (read.name ?? key);
}

export function readGroups(raw: Raw, most = MAX_GROUPS, kinds: readonly string[] = ['event', 'user', 'segment']): string[] {
  return list(raw['group']).filter((g) => toGroupKey(g) !== null && kinds.some((kind) => g.startsWith(`${kind}:`))).slice(0, most);
}

export const groupKeys = (groups: string[]): GroupKey[] => groups.map(toGroupKey).filter((key) => key !== null);
