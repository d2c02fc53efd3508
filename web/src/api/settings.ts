/** What of a project can be changed, as hooks. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, projectPath } from './client';
import type { Project } from './types';

export interface Settings {
  name: string;
  zone: string;
  retention_days: number | null;
  masks: string[];
}

export const settingsOf = ({ name, zone, retention_days, masks }: Project): Settings => ({ name, zone, retention_days, masks });

/** The answer is the project as it is then, so it is shown at once. */
function useProjectChange<In>(change: (input: In) => Promise<Project>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (project) => {
      client.setQueryData<{ projects: Project[] }>(['projects'], (old) => old && {
        projects: old.projects.map((one) => (one.id === project.id ? project : one)),
      });
      return client.invalidateQueries({ queryKey: ['projects'] });
    },
  });
}

const path = (project: string) => `/api/projects/${encodeURIComponent(project)}`;

export function useChangeProject(project: string) {
  return useProjectChange((settings: Settings) => call<Project>('PUT', path(project), { body: settings }));
}

export function useNewKey(project: string) {
  return useProjectChange((_: void) => call<Project>('POST', `${path(project)}/keys`));
}

export function useRevokeKey(project: string) {
  return useProjectChange((key: string) => call<Project>('DELETE', `${path(project)}/keys/${encodeURIComponent(key)}`));
}

/** How many events lie before a day of the project's zone, bots included: what a shorter retention takes. */
export function useEventsBefore(project: string, day: string | null) {
  return useQuery({
    queryKey: ['events-before', project, day],
    queryFn: async ({ signal }) => {
      const graph = { event: { all: [] }, measure: 'count', from: '2000-01-01', to: day, interval: 'whole', bots: true };
      const answer = await call<{ graph: { total: { total: number } } }>('POST', projectPath(project, 'query'), { body: { graph }, signal });
      return answer.graph.total.total;
    },
    enabled: day !== null,
  });
}
