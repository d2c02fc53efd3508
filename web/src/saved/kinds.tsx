/** How a saved report is drawn on a dashboard. */
import { Skeleton, Text } from '@mantine/core';
import { Suspense, useMemo } from 'react';
import { useAnswer } from '../api/reports';
import type { ReportState } from '../api/saved';
import { hasRange, sameState, stateOf, type DashboardRange } from '../model/dashboard';
import { REPORT_KINDS } from '../reports/kinds';
import type { ReportKind } from '../reports/types';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { ErrorState } from '../ui/States';

const KINDS: Record<string, ReportKind> = REPORT_KINDS;

/** Null for a kind that only another version of the app knows. */
export const kindOf = (kind: string): ReportKind | null => (Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? null) : null);

interface TileAnswerProps {
  kind: ReportKind;
  state: ReportState;
  range: DashboardRange;
}

export function TileAnswer({ kind, state, range }: TileAnswerProps) {
  const project = useProject();
  const search = useMemo(() => kind.read(state), [kind, state]);
  const query = useMemo(
    () => kind.query(search, { zone: project.zone, now: Date.now() }, hasRange(range) ? range : undefined),
    [kind, search, project.zone, range],
  );
  const answer = useAnswer(project.id, query, search);
  if (answer.isError) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Skeleton height={240} aria-label={texts.loading} />;
  const asked = answer.data;
  return (
    <div aria-busy={answer.isPlaceholderData}>
      <Text size="sm" c="dimmed" mb="xs">{kind.title(asked.search)}</Text>
      <Suspense fallback={<Skeleton height={240} aria-label={texts.loading} />}>
        <kind.Answer search={asked.search} query={asked.query} answer={asked.answer} compact />
      </Suspense>
    </div>
  );
}

/** Whether two states of a kind ask the same, whatever they leave out. */
export function asksTheSame(kind: string, a: object, b: object): boolean {
  const read = (state: object) => stateOf(kindOf(kind)?.read(stateOf(state)) ?? state);
  return sameState(read(a), read(b));
}
