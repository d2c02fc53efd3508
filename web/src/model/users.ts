/** The list of users as it stands in the URL, and the query it asks. */
import type { Predicate } from '../api/types';
import { readPredicate } from './predicate';

export const PAGE_SIZE = 50;
/** Columns of properties that are shown unless others are chosen. */
const SHOWN = 2;
const MAX_SHOWN = 6;

export const ORDERS = ['last_seen', 'first_seen', 'events', 'handle'] as const;
type Order = (typeof ORDERS)[number];

export interface UsersSearch {
  /** Part of a handle, or a user id. */
  q?: string;
  /** A named list. */
  list?: string;
  /** Conditions on properties: a predicate as JSON, which is a segment, too. */
  where?: string;
  /** A segment as JSON, and what it is called. */
  segment?: string;
  name?: string;
  /** One of `ORDERS`, or `user:plan`. */
  sort: string;
  dir: 'asc' | 'desc';
  /** Properties with a column each; without it, the first ones. */
  show?: string[];
  /** From 1. */
  page: number;
}

export type UsersSearchInput = { [K in keyof UsersSearch]?: unknown };

export type Sort = { by: Order | { user: string }; descending: boolean };

export interface UsersQuery {
  segment?: unknown;
  search?: string;
  sort: Sort;
  properties: string[];
  offset: number;
  limit: number;
}

const isOrder = (text: string): text is Order => (ORDERS as readonly string[]).includes(text);

export function readUsersSearch(raw: UsersSearchInput): UsersSearch {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const json = (value: unknown) => (readPredicate(text(value)) === null ? undefined : text(value));
  const sort = text(raw.sort);
  const page = Number(raw.page);
  const search: UsersSearch = {
    sort: sort !== undefined && (isOrder(sort) || /^user:./s.test(sort)) ? sort : 'last_seen',
    dir: raw.dir === 'asc' || raw.dir === 'desc' ? raw.dir : sort === undefined || sort !== 'handle' ? 'desc' : 'asc',
    page: Number.isInteger(page) && page >= 1 && page <= 20_000 ? page : 1,
  };
  const [q, list, where, segment, name] = [text(raw.q), text(raw.list), json(raw.where), json(raw.segment), text(raw.name)];
  if (q !== undefined) search.q = q;
  if (list !== undefined) search.list = list;
  if (where !== undefined) search.where = where;
  if (segment !== undefined) search.segment = segment;
  if (segment !== undefined && name !== undefined) search.name = name;
  if (raw.show !== undefined) search.show = [raw.show].flat().filter((s): s is string => typeof s === 'string').slice(0, MAX_SHOWN);
  return search;
}

/** The columns of properties: those chosen, else the first that say more than where somebody came from. */
export function shownProperties(search: UsersSearch, known: string[]): string[] {
  return search.show ?? known.filter((name) => !name.startsWith('initial_')).slice(0, SHOWN);
}

export function toUsersQuery(search: UsersSearch, properties: string[]): UsersQuery {
  const parts: unknown[] = [];
  if (search.list !== undefined) parts.push({ list: search.list });
  const where: Predicate | null = readPredicate(search.where);
  if (where !== null) parts.push(where);
  const segment: unknown = readPredicate(search.segment);
  if (segment !== null) parts.push(segment);
  const by = isOrder(search.sort) ? search.sort : { user: search.sort.slice('user:'.length) };
  return {
    ...(parts.length === 0 ? {} : { segment: parts.length === 1 ? parts[0] : { all: parts } }),
    ...(search.q === undefined ? {} : { search: search.q }),
    sort: { by, descending: search.dir === 'desc' },
    properties,
    offset: (search.page - 1) * PAGE_SIZE,
    limit: PAGE_SIZE,
  };
}

/** A click on a column: the other way where it is the order already, else the way in which people want it first. */
export function resort(search: UsersSearch, sort: string): UsersSearch {
  const first = sort === 'handle' || sort.startsWith('user:') ? 'asc' : 'desc';
  const dir = search.sort !== sort ? first : search.dir === 'asc' ? 'desc' : 'asc';
  return { ...search, sort, dir, page: 1 };
}

export const isNarrowed = (search: UsersSearch) =>
  search.q !== undefined || search.list !== undefined || search.where !== undefined || search.segment !== undefined;
