/** Conditions as rows of a form, and the predicates of docs/api.md that they stand for. */
import { EVENT_TYPES, OPS, type CairnEvent, type Op, type Predicate, type Scalar } from '../api/types';
import { selectorFor } from './chain';

export type RowKind = 'type' | 'name' | 'selector' | 'property' | 'user';
export type ValueKind = 'text' | 'number' | 'boolean';

export interface Row {
  /** Tells rows apart in the form; no part of the predicate. */
  key: number;
  kind: RowKind;
  /** The property's name, for the kinds `property` and `user`. */
  name: string;
  op: Op;
  value: string;
  valueKind: ValueKind;
}

export type Mode = 'all' | 'any';

export interface Conditions {
  mode: Mode;
  rows: Row[];
}

let nextKey = 1;

export function newRow(kind: RowKind, value = '', name = ''): Row {
  return { key: nextKey++, kind, name, op: 'is', value, valueKind: 'text' };
}

export const takesValue = (op: Op) => op !== 'is_set' && op !== 'is_not_set';
/** Operators whose value can be a number or a truth value; the others compare text. */
export const takesKind = (op: Op) => ['is', 'is_not', 'in', '>', '>=', '<', '<='].includes(op);

/** The predicate of the complete rows, or null when none is complete. */
export function toPredicate({ mode, rows }: Conditions): Predicate | null {
  const complete = rows.map(toCondition).filter((p) => p !== null);
  if (complete.length === 0) return null;
  return mode === 'all' ? { all: complete } : { any: complete };
}

function toCondition(row: Row): Predicate | null {
  const value = row.value.trim();
  switch (row.kind) {
    case 'type':
      return value ? { type: value } : null;
    case 'name':
      return value ? { name: value } : null;
    case 'selector':
      return value ? { selector: value } : null;
    case 'property':
      return row.name ? comparison({ property: row.name }, row) : null;
    case 'user':
      return row.name ? comparison({ user: row.name }, row) : null;
  }
}

function comparison(subject: { property: string } | { user: string }, row: Row): Predicate | null {
  if (!takesValue(row.op)) return { ...subject, [row.op]: true } as Predicate;
  if (row.value === '') return null;
  const kind = takesKind(row.op) ? row.valueKind : 'text';
  if (row.op === 'in') {
    const values = row.value.split(',').map((v) => v.trim()).filter((v) => v !== '').map((v) => parseValue(v, kind));
    return values.length === 0 || values.includes(null) ? null : ({ ...subject, in: values } as Predicate);
  }
  const value = parseValue(row.value, kind);
  return value === null ? null : ({ ...subject, [row.op]: value } as Predicate);
}

/** The typed value, or null when the text is not of that kind. */
export function parseValue(text: string, kind: ValueKind): string | number | boolean | null {
  if (kind === 'text') return text;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : null;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The form of a predicate, or null for one that needs more than a list of rows. */
export function toConditions(predicate: Predicate): Conditions | null {
  const mode: Mode = 'any' in predicate ? 'any' : 'all';
  const list = 'all' in predicate ? predicate.all : 'any' in predicate ? predicate.any : [predicate];
  const rows = list.map(toRow);
  return rows.every((row) => row !== null) ? { mode, rows } : null;
}

function toRow(predicate: Predicate): Row | null {
  const p = predicate as Record<string, unknown>;
  const keys = Object.keys(p);
  for (const kind of ['type', 'name', 'selector'] as const) {
    const value = p[kind];
    if (typeof value === 'string' && keys.length === 1) return newRow(kind, value);
  }
  for (const kind of ['property', 'user'] as const) {
    const name = p[kind];
    const op = OPS.find((o) => o in p);
    if (typeof name !== 'string' || op === undefined || keys.length !== 2) continue;
    return rowOf(newRow(kind, '', name), op, p[op]);
  }
  return null;
}

function rowOf(row: Row, op: Op, value: unknown): Row | null {
  if (!takesValue(op)) return value === true ? { ...row, op } : null;
  if (op === 'in') {
    if (!Array.isArray(value) || value.length === 0) return null;
    const kinds = new Set(value.map(kindOf));
    const [kind] = kinds;
    if (kinds.size !== 1 || !kind || value.some((v) => /,|^\s|\s$|^$/.test(String(v)))) return null;
    return { ...row, op, value: value.join(', '), valueKind: kind };
  }
  const kind = kindOf(value);
  return kind === null || value === '' ? null : { ...row, op, value: String(value), valueKind: kind };
}

export function kindOf(value: unknown): ValueKind | null {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : null;
}

/** The kind that all known values of a property share. */
export function commonKind(values: Scalar[]): ValueKind | null {
  const kinds = new Set(values.filter((v) => v !== null).map(kindOf));
  return kinds.size === 1 ? ([...kinds][0] ?? null) : null;
}

/** What makes events like this one: its type, its element, its text and its page. */
export function predicateLike(event: CairnEvent): Predicate {
  const all: Predicate[] = [{ type: event.type }];
  if (event.type === 'custom' && event.name) return { all: [...all, { name: event.name }] };
  const { chain, target_text: text, path } = event.properties;
  const selector = typeof chain === 'string' ? selectorFor(chain) : null;
  if (selector !== null) all.push({ selector });
  if (typeof text === 'string' && text.trim() !== '' && text.length <= 80) all.push({ property: 'target_text', is: text });
  if (typeof path === 'string' && path !== '') all.push({ property: 'path', is: path });
  return { all };
}

/** A row list to begin with: one click on one element. */
export function newConditions(): Conditions {
  return { mode: 'all', rows: [newRow('type', 'click'), newRow('selector')] };
}

export function isEventType(text: string): boolean {
  return (EVENT_TYPES as readonly string[]).includes(text);
}

/** Reads a predicate out of a URL or a text field; null when it is none. */
export function readPredicate(json: string | undefined): Predicate | null {
  if (json === undefined || json.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Predicate) : null;
  } catch {
    return null;
  }
}
