/** Opening the visualizer, and which are open. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, projectPath } from './client';

export interface Visualizer {
  id: string;
  origin: string;
  open: boolean;
  expires_at: number;
}

const POLL_MS = 2_000;

export function useVisualizers(project: string) {
  return useQuery({
    queryKey: ['visualizers', project],
    queryFn: ({ signal }) => call<{ visualizers: Visualizer[] }>('GET', projectPath(project, 'visualizer'), { signal }),
    select: (answer) => answer.visualizers,
    refetchInterval: POLL_MS,
  });
}

export const openVisualizer = (project: string, origin: string) =>
  call<Visualizer & { ticket: string }>('POST', projectPath(project, 'visualizer'), { body: { origin, app: window.location.origin } });

export function useEndVisualizers(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<undefined>('DELETE', projectPath(project, 'visualizer')),
    onSettled: () => client.invalidateQueries({ queryKey: ['visualizers', project] }),
  });
}
