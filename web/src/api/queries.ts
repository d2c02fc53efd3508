/** The server's state as hooks; the keys are the paths, so nothing is fetched twice. */
import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, call, projectPath } from './client';
import type {
  CairnEvent, Definition, DefinitionIndex, Ledger, Predicate, Preview, Project, PropertyValue, Scalar,
} from './types';

export const PREVIEW_DAYS = 14;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server refused once it refuses again; only a lost connection or a fault is worth another try.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status > 0 && error.status < 500),
      retryDelay: 500,
    },
  },
});

export function useProjects() {
  return useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => call<{ projects: Project[] }>('GET', '/api/projects', { signal }),
    select: (answer) => answer.projects,
  });
}

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (project: { name: string; zone: string }) => call<Project>('POST', '/api/projects', { body: project }),
    onSuccess: (project) => {
      client.setQueryData<{ projects: Project[] }>(['projects'], (old) => ({ projects: [...(old?.projects ?? []), project] }));
      return client.invalidateQueries({ queryKey: ['projects'] });
    },
  });
}

export function useDefinitions(project: string) {
  return useQuery({
    queryKey: ['definitions', project],
    queryFn: ({ signal }) => call<{ definitions: Definition[] }>('GET', projectPath(project, 'definitions'), { signal }),
    select: (answer) => answer.definitions,
  });
}

const definitionPath = (project: string, name: string) => projectPath(project, `definitions/${encodeURIComponent(name)}`);

export function useSaveDefinition(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, predicate }: { name: string; predicate: Predicate }) =>
      call<Definition>('PUT', definitionPath(project, name), { body: { predicate } }),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: ['definitions', project] }),
      client.invalidateQueries({ queryKey: ['definition-activity', project] }),
      client.invalidateQueries({ queryKey: ['versions', project] }),
      client.invalidateQueries({ queryKey: ['reports', project] }),
    ]),
  });
}

export function useDeleteDefinition(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call<undefined>('DELETE', definitionPath(project, name)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['definitions', project] }),
  });
}

export function usePreview(project: string, predicate: Predicate | null) {
  return useQuery({
    queryKey: ['preview', project, predicate],
    queryFn: ({ signal }) =>
      call<Preview>('POST', projectPath(project, 'preview'), { body: { predicate, days: PREVIEW_DAYS }, signal }),
    enabled: predicate !== null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
}

export function useProperties(project: string) {
  return useQuery({
    queryKey: ['properties', project],
    queryFn: ({ signal }) => call<{ event: string[]; user: string[] }>('GET', projectPath(project, 'properties'), { signal }),
  });
}

export function useValues(project: string, property: string | null) {
  return useQuery({
    queryKey: ['values', project, property],
    queryFn: ({ signal }) =>
      call<{ values: PropertyValue[] }>(
        'GET', projectPath(project, `values?property=${encodeURIComponent(property ?? '')}&limit=50`), { signal },
      ),
    enabled: property !== null && property !== '',
    select: (answer) => answer.values.filter((value): value is Scalar => !Array.isArray(value)),
  });
}

export const fetchLatest = (project: string, limit: number, signal?: AbortSignal) =>
  call<{ events: CairnEvent[] }>('GET', projectPath(project, `events?limit=${limit}`), signal ? { signal } : {});

/** The newest event alone, asked for again and again: for pages that wait for the first. */
export function useNewestEvent(project: string) {
  return useQuery({
    queryKey: ['newest', project],
    queryFn: ({ signal }) => fetchLatest(project, 1, signal),
    select: (answer) => answer.events[0] ?? null,
    refetchInterval: 3_000,
  });
}

export function useLedger(project: string) {
  return useQuery({
    queryKey: ['ledger', project],
    queryFn: ({ signal }) => call<Ledger>('GET', projectPath(project, 'ledger'), { signal }),
    refetchInterval: 5_000,
  });
}

/** How far the indexes of definitions are; null where the store has none. */
export function useIndexes(project: string) {
  return useQuery({
    queryKey: ['indexes', project],
    queryFn: ({ signal }) => call<{ indexes: DefinitionIndex[] | null }>('GET', projectPath(project, 'indexes'), { signal }),
    select: (answer) => answer.indexes,
    refetchInterval: (query) => (query.state.data?.indexes?.some((index) => index.state === 'building' || index.state === 'wanted') ? 2_000 : 30_000),
  });
}
