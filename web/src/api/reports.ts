/** Answers of reports, and the people behind their numbers. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Answered, Query } from '../reports/types';
import { call, projectPath } from './client';
import type { Person } from './people';

const REPORTS = 'reports';
const PEOPLE_PAGE = 50;

/** An answer beside its question, so that one that is kept while the next comes is never read as the answer of the next. */
export interface Asked<S> {
  search: S;
  query: Query;
  answer: Answered;
}

/** Asks at once; a question that is not asked any more is cancelled, on the server too, and the answer before stays until the next is there. */
export function useAnswer<S>(project: string, query: Query, search: S) {
  const kind = Object.keys(query)[0];
  return useQuery({
    queryKey: [REPORTS, project, query],
    queryFn: async ({ signal }): Promise<Asked<S>> => ({ search, query, answer: await call<Answered>('POST', projectPath(project, 'query'), { body: query, signal }) }),
    placeholderData: (previous, before) => {
      const [, of, asked] = before?.queryKey ?? [];
      return of === project && Object.keys((asked ?? {}) as Query)[0] === kind ? previous : undefined;
    },
  });
}

interface PeopleAnswer {
  users: { total: number; users: Person[] };
}

/** People behind a number of an answer, as of that answer: as many as it says. */
export function usePeople(project: string, of: Query, asOf: number, cell: Record<string, unknown>, search: string) {
  const at = Object.fromEntries(Object.entries(of).map(([kind, question]) => [kind, { ...question, as_of: asOf }]));
  return useInfiniteQuery({
    queryKey: ['people', project, 'of', at, cell, search],
    queryFn: async ({ pageParam, signal }) => {
      const people = { of: at, cell, offset: pageParam, limit: PEOPLE_PAGE, ...(search === '' ? {} : { search }) };
      return (await call<PeopleAnswer>('POST', projectPath(project, 'query'), { body: { people }, signal })).users;
    },
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const shown = pages.reduce((sum, { users }) => sum + users.length, 0);
      return page.users.length === 0 || shown >= page.total ? null : shown;
    },
  });
}
