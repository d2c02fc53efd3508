/** Saved reports, dashboards, and how definitions fare, as hooks. */
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, projectPath } from './client';
import type { Definition, Predicate } from './types';

/** The state of a report's page, as in its address. */
export type ReportState = Record<string, unknown>;

export interface Report {
  id: string;
  name: string;
  kind: string;
  state: ReportState;
  created_at: number;
  changed_at: number;
}

export interface Tile {
  report: string;
  /** In thirds of the whole: 1 to 3. */
  width: number;
}

export interface Dashboard {
  id: string;
  name: string;
  tiles: Tile[];
  created_at: number;
  changed_at: number;
}

export function useReports(project: string) {
  return useQuery({
    queryKey: ['reports', project],
    queryFn: ({ signal }) => call<{ reports: Report[] }>('GET', projectPath(project, 'reports'), { signal }),
    select: (answer) => answer.reports,
  });
}

export function useDashboards(project: string) {
  return useQuery({
    queryKey: ['dashboards', project],
    queryFn: ({ signal }) => call<{ dashboards: Dashboard[] }>('GET', projectPath(project, 'dashboards'), { signal }),
    select: (answer) => answer.dashboards,
  });
}

/** A change after which lists of the project are read again. */
function useChange<In, Out>(project: string, lists: string[], change: (input: In) => Promise<Out>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(lists.map((list) => client.invalidateQueries({ queryKey: [list, project] }))),
  });
}

const USED = ['reports', 'definition-activity'];

export function useSaveReport(project: string) {
  return useChange(project, USED, (report: { name: string; kind: string; state: ReportState }) =>
    call<Report>('POST', projectPath(project, 'reports'), { body: report }));
}

export function useChangeReport(project: string) {
  return useChange(project, USED, ({ id, ...change }: { id: string; name?: string; state?: ReportState }) =>
    call<Report>('PATCH', projectPath(project, `reports/${id}`), { body: change }));
}

export function useDeleteReport(project: string) {
  return useChange(project, USED, (id: string) => call<undefined>('DELETE', projectPath(project, `reports/${id}`)));
}

export function useNewDashboard(project: string) {
  return useChange(project, ['dashboards'], (name: string) =>
    call<Dashboard>('POST', projectPath(project, 'dashboards'), { body: { name } }));
}

/** Tiles are shown where they were put at once; if the server refuses, they go back. */
export function useChangeDashboard(project: string) {
  const client = useQueryClient();
  const key = ['dashboards', project];
  type Answer = { dashboards: Dashboard[] };
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string; name?: string; tiles?: Tile[] }) =>
      call<Dashboard>('PATCH', projectPath(project, `dashboards/${id}`), { body: change }),
    // One after the other, so that the last one stands.
    scope: { id: `dashboards ${project}` },
    onMutate: async ({ id, ...change }) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Answer>(key);
      client.setQueryData<Answer>(key, (old) => old && {
        dashboards: old.dashboards.map((one) => (one.id === id ? { ...one, ...change } : one)),
      });
      return { before };
    },
    onError: (_error, _change, context) => client.setQueryData(key, context?.before),
    onSettled: () => Promise.all([
      client.invalidateQueries({ queryKey: key }), client.invalidateQueries({ queryKey: ['definition-activity', project] }),
    ]),
  });
}

export function useDeleteDashboard(project: string) {
  return useChange(project, ['dashboards', 'definition-activity'], (id: string) =>
    call<undefined>('DELETE', projectPath(project, `dashboards/${id}`)));
}

export interface Usage {
  reports: string[];
  dashboards: string[];
  definitions: string[];
}

export interface Activity {
  name: string;
  /** Matches on each of the past 14 days, today last. */
  daily: number[];
  count: number;
  users: number;
  last_seen: number | null;
  silent: { days: number; daily_before: number } | null;
  used: Usage;
}

const PAGE = 20;

/** How definitions fare, by name; it comes page by page, so that the first ones need not wait for the last. */
export function useActivity(project: string, definitions: Definition[]) {
  const offsets = Array.from({ length: Math.ceil(definitions.length / PAGE) }, (_, page) => page * PAGE);
  return useQueries({
    queries: offsets.map((offset) => ({
      queryKey: ['definition-activity', project, offset, definitions.length],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<{ definitions: Activity[] }>('GET', projectPath(project, `definition-activity?offset=${offset}&limit=${PAGE}`), { signal }),
    })),
    combine: (pages) => ({
      byName: new Map(pages.flatMap((page) => page.data?.definitions ?? []).map((one) => [one.name, one])),
      error: pages.find((page) => page.error)?.error ?? null,
      retry: () => pages.filter((page) => page.isError).forEach((page) => void page.refetch()),
    }),
  });
}

export type Likeness = 'text' | 'words' | 'mark' | 'id' | 'attribute' | 'classes' | 'place' | 'page';

export interface Proposal {
  predicate: Predicate;
  selector: string;
  text: string | null;
  alike: Likeness[];
  seen: number;
}

const ofDefinition = (project: string, name: string, rest: string) =>
  projectPath(project, `definitions/${encodeURIComponent(name)}/${rest}`);

export function useClosest(project: string, name: string, enabled: boolean) {
  return useQuery({
    queryKey: ['closest', project, name],
    queryFn: ({ signal }) => call<{ proposals: Proposal[] }>('GET', ofDefinition(project, name, 'closest'), { signal }),
    select: (answer) => answer.proposals,
    enabled,
  });
}

export interface Version {
  version: number;
  predicate: Predicate;
  created_at: number;
}

export function useVersions(project: string, name: string) {
  return useQuery({
    queryKey: ['versions', project, name],
    queryFn: ({ signal }) => call<{ versions: Version[] }>('GET', ofDefinition(project, name, 'versions'), { signal }),
    select: (answer) => answer.versions,
  });
}

export function useRenameDefinition(project: string) {
  const lists = ['definitions', 'reports', 'definition-activity', 'versions', 'graph'];
  return useChange(project, lists, ({ name, ...body }: { name: string; to: string; carry: boolean }) =>
    call<undefined>('POST', ofDefinition(project, name, 'rename'), { body }));
}
