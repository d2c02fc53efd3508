/** The kinds of reports that can be saved, and how each looks on a dashboard. */
import { lazy, Suspense, useMemo } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { useGraph } from '../api/queries';
import type { ReportState } from '../api/saved';
import { number } from '../model/format';
import { withRange, type DashboardRange } from '../model/dashboard';
import { readGraphSearch, toLines, toQuery } from '../model/graph';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { ErrorState } from '../ui/States';
import { typeName } from '../ui/TypeIcon';
import classes from './saved.module.css';

const Chart = lazy(() => import('../screens/graph/Chart').then((module) => ({ default: module.Chart })));

export interface TileAnswerProps {
  state: ReportState;
  range: DashboardRange;
}

export interface SavedKind {
  /** The page that shows it. */
  path: string;
  Answer: (props: TileAnswerProps) => React.ReactNode;
}

const KINDS: Record<string, SavedKind> = {
  graph: { path: '/graph', Answer: GraphTile },
};

/** Null for a kind that only another version of the app knows. */
export const kindOf = (kind: string): SavedKind | null => (Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? null) : null);

const NONE = new Set<string>();

function GraphTile({ state, range }: TileAnswerProps) {
  const project = useProject();
  const search = useMemo(() => readGraphSearch(withRange(state, range)), [state, range]);
  const query = useMemo(() => toQuery(search, project.zone, Date.now()), [search, project.zone]);
  const answer = useGraph(project.id, query);
  const what = search.event ?? (search.type === undefined ? texts.graph.anyEvent : typeName(search.type));
  const lines = useMemo(() => toLines(answer.data?.graph.series ?? [], what), [answer.data, what]);
  if (answer.isError) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (answer.isPending) return <Skeleton height={240} aria-label={texts.loading} />;
  const { graph } = answer.data;
  return (
    <div aria-busy={answer.isPlaceholderData}>
      <Text fz={26} fw={650} lh={1.25} className={classes.number}>{number(graph.total.total)}</Text>
      <Text size="sm" c="dimmed" mb="xs">{search.measure === 'users' ? texts.graph.usersTotal : texts.graph.countTotal}</Text>
      <Suspense fallback={<Skeleton height={240} aria-label={texts.loading} />}>
        <Chart buckets={graph.buckets} interval={search.interval} lines={lines} hidden={NONE} label={texts.graph.chart(what, number(graph.total.total))} />
      </Suspense>
    </div>
  );
}
