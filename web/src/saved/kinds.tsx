/** How a saved report is drawn on a dashboard. */
import { Skeleton, Text } from '@mantine/core';
import { Suspense, useMemo, useState } from 'react';
import { useAnswer } from '../api/reports';
import type { ReportState } from '../api/saved';
import { hasRange, sameState, stateOf, type DashboardRange } from '../model/dashboard';
import { Dated } from '../reports/Dated';
import { REPORT_KINDS } from '../reports/kinds';
import { PeopleDrawer } from '../reports/PeopleDrawer';
import type { PeopleAsk, ReportKind } from '../reports/types';
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
  const [people, setPeople] = useState<PeopleAsk | null>(null);
  const { search, query, keepsRange } = useMemo(() => questionOf(kind, state, project.zone, range), [kind, state, project.zone, range]);
  const answer = useAnswer(project.id, query, search);
  if (answer.isError) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Skeleton height={240} aria-label={texts.loading} />;
  const asked = answer.data;
  const sentence = <Text size="sm" c="dimmed" mb="xs"><Dated text={kind.title(asked.search)} /></Text>;
  return (
    <div aria-busy={answer.isPlaceholderData}>
      {!kind.numberFirst && sentence}
      <Suspense fallback={<Skeleton height={240} aria-label={texts.loading} />}>
        <kind.Answer search={asked.search} query={asked.query} answer={asked.answer} compact onPeople={setPeople} />
      </Suspense>
      {kind.numberFirst && sentence}
      {keepsRange && <Text size="sm" c="dimmed" data-testid="tile-own-range">{texts.saved.boards.ownRange}</Text>}
      <PeopleDrawer ask={people} query={people?.of ?? asked.query} asOf={asked.answer.as_of} onClose={() => setPeople(null)} />
    </div>
  );
}

/** What a tile asks: over the dashboard's range, where there is one and the report can follow it. */
function questionOf(kind: ReportKind, state: ReportState, zone: string, range: DashboardRange) {
  const saved: object = kind.read(state);
  const at = { zone, now: Date.now() };
  if (!hasRange(range)) return { search: saved, query: kind.query(saved, at), keepsRange: false };
  const within = kind.within?.(saved, at, range);
  const search = within ?? saved;
  return { search, query: kind.query(search, at, range), keepsRange: within === null };
}

/** Whether two states of a kind ask the same, whatever they leave out. */
export function asksTheSame(kind: string, a: object, b: object): boolean {
  const read = (state: object) => stateOf(kindOf(kind)?.read(stateOf(state)) ?? state);
  return sameState(read(a), read(b));
}
