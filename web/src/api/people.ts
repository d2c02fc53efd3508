/** People: the list, one of them, their events, and what can be done about them. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PersonRef } from '../model/person';
import type { StreamPage } from '../model/stream';
import type { UsersQuery } from '../model/users';
import { call, projectPath } from './client';
import type { Explain, PropertyValue } from './types';

export interface Person {
  handle: string | null;
  user_ids: string[];
  properties: Record<string, PropertyValue>;
  /** Of a list in the order of events. */
  seen?: { first: number | null; last: number | null; events: number };
}

export interface Identification {
  user_id: string;
  handle: string;
  time: number;
  received_at: number;
  revoked: boolean;
}

export interface Profile {
  person: Person;
  identifications: Identification[];
  lists: string[];
}

export interface Revocation {
  user_id: string;
  handle: string;
  until: number;
  belongs_to: string | null;
}

/** Names of what still names an erased person. */
export interface Mentions {
  reports: string[];
  dashboards: string[];
  definitions: string[];
  lists: string[];
}

export interface Erasure {
  users: string[];
  at: number;
  events: number;
  lists: number;
  mentions: Mentions;
  purged: boolean;
  purge_at: number | null;
}

export interface PeopleList {
  name: string;
  size: number;
  created_at: number;
}

export interface UsersAnswer {
  users: { total: number; users: Person[] };
  as_of: number;
  explain: Explain;
}

const STREAM_PAGE = 100;

/** Everything about people, for what changes them. */
const PEOPLE = 'people';

export function useUsers(project: string, query: UsersQuery) {
  return useQuery({
    queryKey: [PEOPLE, project, 'list', query],
    queryFn: ({ signal }) => call<UsersAnswer>('POST', projectPath(project, 'query'), { body: { users: query }, signal }),
    placeholderData: keepPreviousData,
  });
}

export function useLists(project: string) {
  return useQuery({
    queryKey: [PEOPLE, project, 'lists'],
    queryFn: ({ signal }) => call<{ lists: PeopleList[] }>('GET', projectPath(project, 'lists'), { signal }),
    select: (answer) => answer.lists,
  });
}

const parameters = (who: PersonRef) =>
  'handle' in who ? `handle=${encodeURIComponent(who.handle)}` : `user_id=${encodeURIComponent(who.id)}`;

export function useProfile(project: string, who: PersonRef) {
  return useQuery({
    queryKey: [PEOPLE, project, 'profile', who],
    queryFn: ({ signal }) => call<Profile>('GET', projectPath(project, `person?${parameters(who)}`), { signal }),
  });
}

/** When a person was first and last seen, and how many events there are. */
export function useSeen(project: string, who: PersonRef) {
  const query = { segment: { users: [who] }, sort: { by: 'last_seen' }, properties: [], limit: 1, bots: true };
  return useQuery({
    queryKey: [PEOPLE, project, 'seen', who],
    queryFn: ({ signal }) => call<UsersAnswer>('POST', projectPath(project, 'query'), { body: { users: query }, signal }),
    select: (answer) => answer.users.users[0]?.seen ?? null,
  });
}

/** When the very first event was, of everybody. */
export function useFirstEvent(project: string, enabled: boolean) {
  const query = { sort: { by: 'first_seen' }, properties: [], limit: 1, bots: true };
  return useQuery({
    queryKey: [PEOPLE, project, 'first'],
    queryFn: ({ signal }) => call<UsersAnswer>('POST', projectPath(project, 'query'), { body: { users: query }, signal }),
    select: (answer) => answer.users.users[0]?.seen?.first ?? null,
    enabled,
  });
}

export function useStream(project: string, who: PersonRef) {
  return useInfiniteQuery({
    queryKey: [PEOPLE, project, 'stream', who],
    queryFn: async ({ pageParam, signal }) => {
      const stream = { user: who, limit: STREAM_PAGE, bots: true, ...(pageParam === null ? {} : { before: pageParam }) };
      return (await call<{ stream: StreamPage }>('POST', projectPath(project, 'query'), { body: { stream }, signal })).stream;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function useRevoke(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { user_id: string; handle: string }) =>
      call<Revocation>('POST', projectPath(project, 'unidentify'), { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: [PEOPLE, project] }),
  });
}

export function useErase(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { purge: boolean } & ({ handle: string } | { users: string[] })) =>
      call<Erasure>('POST', projectPath(project, 'erase'), { body }),
    // What is shown of the person stays until the receipt is closed: it is gone from the server.
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: [PEOPLE, project, 'list'] }),
      client.invalidateQueries({ queryKey: [PEOPLE, project, 'lists'] }),
      client.invalidateQueries({ queryKey: ['ledger', project] }),
      client.invalidateQueries({ queryKey: ['reports', project] }),
    ]),
  });
}

/** Drops what pages that are closed have kept of people: of somebody erased, nothing is to stay. */
export function useForgetPeople(project: string) {
  const client = useQueryClient();
  return () => client.removeQueries({ queryKey: [PEOPLE, project], type: 'inactive' });
}

/** Everything about one person, as it is to be handed over; fails where it is not whole. */
export function useExport(project: string) {
  return useMutation({
    mutationFn: async (who: PersonRef) => {
      const all = await call<{ complete: boolean; error?: { message: string } }>('GET', projectPath(project, `export?kind=person&${parameters(who)}`));
      if (!all.complete) throw new Error(all.error?.message ?? '');
      return new Blob([`${JSON.stringify(all, null, 2)}\n`], { type: 'application/json' });
    },
  });
}
