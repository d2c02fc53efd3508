/** Segments as an address has them (JSON), as the API takes them, and in words. */
import { OPS, type EventLike, type Op, type Predicate, type PropertyValue, type Segment } from '../api/types';
import { summary } from '../conditions/summary';
import { texts } from '../texts';
import { takesValue } from './predicate';
import { valueText } from './format';

const t = texts.explore.segment;

/** A segment of JSON that looks like one; the server has the last word. */
export function readSegment(json: string | undefined): Segment | null {
  if (json === undefined || json === '') return null;
  try {
    const value: unknown = JSON.parse(json);
    return isSegment(value) ? value : null;
  } catch {
    return null;
  }
}

export function isSegment(value: unknown): value is Segment {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const s = value as Record<string, unknown>;
  if ('all' in s) return Array.isArray(s['all']) && s['all'].every(isSegment);
  if ('any' in s) return Array.isArray(s['any']) && s['any'].every(isSegment);
  if ('not' in s) return isSegment(s['not']);
  if ('user' in s) return typeof s['user'] === 'string' && OPS.some((op) => op in s);
  if ('did' in s) return isEvent(s['did']) && (!('then' in s) || isEvent(s['then']));
  if ('did_first' in s) return isEvent(s['did_first']);
  if ('users' in s) return Array.isArray(s['users']);
  return typeof s['list'] === 'string';
}

const isEvent = (value: unknown) => typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));

export const COUNTS = ['at_least', 'at_most', 'exactly', 'more_than', 'fewer_than'] as const;
export type CountOp = (typeof COUNTS)[number];

/** In words, as part of a sentence: “did Sign in more than 4 times in the last 7 days”. */
export function segmentText(segment: Segment): string {
  const s = segment as Record<string, unknown>;
  if ('all' in segment) return joined(segment.all, t.and, t.everybody);
  if ('any' in segment) return joined(segment.any, t.or, t.nobody);
  if ('not' in segment) return t.not(segmentText(segment.not));
  if ('user' in segment) return userText(segment.user, s);
  if ('list' in segment) return t.onList(segment.list);
  if ('users' in segment) return t.these(segment.users.length);
  if ('did_first' in segment) return t.didFirst(nameOf(segment.did_first), periodText(s));
  if ('then' in s) return t.didThen(nameOf(segment.did), nameOf(s['then'] as EventLike), String(s['within'] ?? ''), periodText(s));
  const op = COUNTS.find((one) => one in s) ?? 'at_least';
  const n = Number(s[op] ?? 1);
  return op === 'at_least' && n === 1 ? t.did(nameOf(segment.did), periodText(s)) : t.didTimes(nameOf(segment.did), t.counts[op], n, periodText(s));
}

function joined(parts: Segment[], word: string, none: string): string {
  if (parts.length === 0) return none;
  const texts = parts.map((part) => (parts.length > 1 && ('all' in part || 'any' in part) ? `(${segmentText(part)})` : segmentText(part)));
  return texts.join(` ${word} `);
}

function userText(name: string, s: Record<string, unknown>): string {
  const op = OPS.find((one) => one in s) as Op;
  return [name, texts.define.ops[op], takesValue(op) ? `“${valueText(s[op] as PropertyValue)}”` : ''].filter(Boolean).join(' ');
}

const isAny = (event: Predicate) => 'all' in event && event.all.length === 0;
const nameOf = (event: EventLike) => (typeof event === 'string' ? event : isAny(event) ? texts.explore.segment.anything : summary(event));

function periodText(s: Record<string, unknown>): string {
  if (typeof s['in'] === 'string') return t.inLast(s['in']);
  const [from, to] = [s['from'], s['to']].map((one) => (one === undefined ? '' : String(one)));
  return from && to ? t.between(from, to) : from ? t.since(from) : to ? t.before(to) : '';
}
