/** A segment as rows of a form, nested as deep as it is, and back. */
import { EVENT_TYPES, type EventLike, type Predicate, type Segment } from '../api/types';
import { ANY, nameText, readEvent, typeText } from './report';
import { newRow, toConditions, toPredicate, type Mode, type Row } from './predicate';
import { COUNTS, type CountOp } from './segment';
import { isDate } from './time';

export const SEGMENT_KINDS = ['did', 'user', 'first', 'then', 'list', 'group'] as const;
export type SegmentRowKind = (typeof SEGMENT_KINDS)[number] | 'people';
export const UNITS = ['h', 'd', 'w'] as const;
export type Unit = (typeof UNITS)[number];

export interface Span {
  n: number;
  unit: Unit;
}

export interface PeriodState {
  kind: 'ever' | 'last' | 'dates';
  last: Span;
  /** The first day, and the day before which it ends; either may be empty. */
  from: string;
  to: string;
}

export interface SegmentRow {
  /** Tells rows apart in the form; no part of the segment. */
  key: number;
  not: boolean;
  kind: SegmentRowKind;
  user: Row;
  event: string;
  then: string;
  within: Span;
  op: CountOp;
  n: number;
  period: PeriodState;
  list: string;
  /** People named one by one, which the form shows but does not change. */
  people: Extract<Segment, { users: unknown }> | null;
  group: SegmentGroup;
}

export interface SegmentGroup {
  mode: Mode;
  rows: SegmentRow[];
}

let nextKey = 1;

export function newSegmentRow(kind: SegmentRowKind = 'did'): SegmentRow {
  return {
    key: nextKey++, not: false, kind, user: newRow('user'), event: ANY, then: ANY, within: { n: 7, unit: 'd' }, op: 'at_least', n: 1,
    period: { kind: 'last', last: { n: 30, unit: 'd' }, from: '', to: '' }, list: '', people: null, group: { mode: 'any', rows: [] },
  };
}

/** The text of an event, as in the URL. */
export function refOf(event: EventLike): string {
  if (typeof event === 'string') return nameText(event);
  if ('all' in event && event.all.length === 0) return ANY;
  if ('type' in event && Object.keys(event).length === 1 && EVENT_TYPES.some((type) => type === event.type)) return typeText(event.type);
  return JSON.stringify(event);
}

/** The segment of the complete rows; null when none is. */
export function toSegment({ mode, rows }: SegmentGroup): Segment | null {
  const parts = rows.map(rowSegment).filter((part) => part !== null);
  const [first] = parts;
  if (first === undefined) return null;
  if (parts.length === 1) return first;
  return mode === 'all' ? { all: parts } : { any: parts };
}

function rowSegment(row: SegmentRow): Segment | null {
  const plain = plainSegment(row);
  return plain === null ? null : row.not ? { not: plain } : plain;
}

function plainSegment(row: SegmentRow): Segment | null {
  const event = () => readEvent(row.event);
  switch (row.kind) {
    case 'user':
      return userSegment(row.user);
    case 'did':
      return { did: event(), ...(row.op === 'at_least' && row.n === 1 ? {} : { [row.op]: row.n }), ...periodOf(row.period) };
    case 'first':
      return { did_first: event(), ...periodOf(row.period) };
    case 'then':
      return { did: event(), then: readEvent(row.then), within: spanText(row.within), ...periodOf(row.period) };
    case 'list':
      return row.list === '' ? null : { list: row.list };
    case 'people':
      return row.people;
    case 'group':
      return toSegment(row.group);
  }
}

function userSegment(row: Row): Segment | null {
  const predicate = toPredicate({ mode: 'all', rows: [row] });
  return predicate !== null && 'all' in predicate ? (predicate.all[0] as Segment) : null;
}

export const spanText = ({ n, unit }: Span) => `${n}${unit}`;

function periodOf({ kind, last, from, to }: PeriodState) {
  if (kind === 'last') return { in: spanText(last) };
  if (kind === 'ever') return {};
  return { ...(isDate(from) ? { from } : {}), ...(isDate(to) ? { to } : {}) };
}

/** The form of a segment, or null for one that it cannot show. */
export function toGroup(segment: Segment | null): SegmentGroup | null {
  if (segment === null) return { mode: 'all', rows: [] };
  const mode: Mode = 'any' in segment ? 'any' : 'all';
  const parts = 'all' in segment ? segment.all : 'any' in segment ? segment.any : [segment];
  const rows = parts.map(toRow);
  return rows.every((row) => row !== null) ? { mode, rows } : null;
}

function toRow(segment: Segment): SegmentRow | null {
  if ('not' in segment) {
    const row = toRow(segment.not);
    return row === null || row.not ? null : { ...row, not: true };
  }
  const row = newSegmentRow();
  if ('all' in segment || 'any' in segment) {
    const group = toGroup(segment);
    return group === null ? null : { ...row, kind: 'group', group };
  }
  if ('users' in segment) return { ...row, kind: 'people', people: segment };
  if ('list' in segment) return { ...row, kind: 'list', list: segment.list };
  if ('user' in segment) {
    const user = toConditions(segment as Predicate)?.rows[0];
    return user === undefined ? null : { ...row, kind: 'user', user };
  }
  const period = readPeriod(segment);
  if (period === null) return null;
  if ('did_first' in segment) return { ...row, kind: 'first', event: refOf(segment.did_first), period };
  if (segment.then !== undefined) {
    const within = readSpan(segment.within);
    return within === null ? null : { ...row, kind: 'then', event: refOf(segment.did), then: refOf(segment.then), within, period };
  }
  const op = COUNTS.find((one) => one in segment) ?? 'at_least';
  return { ...row, kind: 'did', event: refOf(segment.did), op, n: segment[op] ?? 1, period };
}

function readPeriod(s: { in?: string; from?: string; to?: string }): PeriodState | null {
  const { period } = newSegmentRow();
  if (s.in !== undefined) {
    const last = readSpan(s.in);
    return last === null ? null : { ...period, kind: 'last', last };
  }
  const [from, to] = [s.from ?? '', s.to ?? ''];
  if (from === '' && to === '') return { ...period, kind: 'ever' };
  return [from, to].every((day) => day === '' || isDate(day)) ? { ...period, kind: 'dates', from, to } : null;
}

export function readSpan(text: string | undefined): Span | null {
  const match = /^(\d{1,5})([hdw])$/.exec(text ?? '');
  return match === null ? null : { n: Number(match[1]), unit: match[2] as Unit };
}
