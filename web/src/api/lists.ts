/** Changing the lists of people that segments name. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call, projectPath } from './client';
import type { PeopleList } from './people';

const listPath = (project: string, name: string) => projectPath(project, `lists/${encodeURIComponent(name)}`);

/** What is shown of people and reports can be of a list. */
function useRefresh(project: string) {
  const client = useQueryClient();
  return () => Promise.all([
    client.invalidateQueries({ queryKey: ['people', project] }),
    client.invalidateQueries({ queryKey: ['reports', project] }),
  ]);
}

export function usePutList(project: string) {
  return useMutation({
    mutationFn: ({ name, body, type }: { name: string; body: string; type: string }) => call<PeopleList>('PUT', listPath(project, name), { raw: body, type }),
    onSuccess: useRefresh(project),
  });
}

export function useDeleteList(project: string) {
  return useMutation({
    mutationFn: (name: string) => call<undefined>('DELETE', listPath(project, name)),
    onSuccess: useRefresh(project),
  });
}
