/** Reports' answers, the people behind their numbers, and lists of people, as hooks. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PeopleCell, ReportAnswer, ReportQuery, UsersAnswer } from './answers';
import { call, projectPath } from './client';

/** The answer to a question; one that nobody waits for any more is cancelled. */
export function useAnswer<A extends ReportAnswer = ReportAnswer>(project: string, query: ReportQuery, enabled = true) {
  return useQuery({
    queryKey: ['report', project, query],
    queryFn: ({ signal }) => call<A>('POST', projectPath(project, 'query'), { body: query, signal }),
    enabled,
  });
}

export interface PeopleQuestion {
  of: ReportQuery;
  cell: PeopleCell;
}

export const PEOPLE_PAGE = 50;

/** `of` as of the answer that shows the number, so that the list is as long as the number says. */
export function asOf(query: ReportQuery, as_of: number): ReportQuery {
  const [[kind, asked] = ['', {}]] = Object.entries(query);
  return { [kind]: { ...asked, as_of } } as unknown as ReportQuery;
}

export function usePeople(project: string, question: PeopleQuestion, search: string, offset: number) {
  const body = { people: { ...question, ...(search === '' ? {} : { search }), offset, limit: PEOPLE_PAGE } };
  return useQuery({
    queryKey: ['people', project, body],
    queryFn: ({ signal }) => call<UsersAnswer>('POST', projectPath(project, 'query'), { body, signal }),
    placeholderData: (previous, before) =>
      JSON.stringify((before?.queryKey[2] as typeof body | undefined)?.people.cell) === JSON.stringify(question.cell) ? previous : undefined,
  });
}

/** All people of a question, page by page, for an export. */
export async function allPeople(project: string, question: object, kind: 'people' | 'users', most: number): Promise<UsersAnswer['users']['users']> {
  const all: UsersAnswer['users']['users'] = [];
  for (;;) {
    const body = { [kind]: { ...question, offset: all.length, limit: 1000 } };
    const { users } = await call<UsersAnswer>('POST', projectPath(project, 'query'), { body });
    all.push(...users.users);
    if (users.users.length === 0 || all.length >= Math.min(users.total, most)) return all;
  }
}

export interface PeopleList {
  name: string;
  size: number;
  created_at: number;
}

export function useLists(project: string) {
  return useQuery({
    queryKey: ['lists', project],
    queryFn: ({ signal }) => call<{ lists: PeopleList[] }>('GET', projectPath(project, 'lists'), { signal }),
    select: (answer) => answer.lists,
  });
}

const listPath = (project: string, name: string) => projectPath(project, `lists/${encodeURIComponent(name)}`);

export function usePutList(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, body, type }: { name: string; body: string; type: string }) =>
      call<PeopleList>('PUT', listPath(project, name), { raw: body, type }),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: ['lists', project] }),
      client.invalidateQueries({ queryKey: ['report', project] }),
    ]),
  });
}

export function useDeleteList(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call<undefined>('DELETE', listPath(project, name)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['lists', project] }),
  });
}
