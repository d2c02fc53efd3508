/** The kinds of reports that can be saved, and how each looks on a dashboard. */
import { lazy, Suspense, useMemo, type CSSProperties } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { useGraph } from '../api/queries';
import type { ReportState } from '../api/saved';
import { number } from '../model/format';
import { sameState, stateOf, withRange, type DashboardRange } from '../model/dashboard';
import { readGraphSearch, toLines, toQuery, type Line } from '../model/graph';
import { lineStyles } from '../screens/graph/palette';
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
  /** The state with what it leaves out, as the page reads its address. */
  read: (state: ReportState) => object;
  Answer: (props: TileAnswerProps) => React.ReactNode;
}

const KINDS: Record<string, SavedKind> = {
  graph: { path: '/graph', read: readGraphSearch, Answer: GraphTile },
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
      {lines.length > 1 && <Legend lines={lines} />}
    </div>
  );
}

/** Which line is whose, with its number, so that colour is not the only sign. */
function Legend({ lines }: { lines: Line[] }) {
  const styles = lineStyles(lines);
  return (
    <ul className={classes.legend}>
      {lines.map((line, at) => (
        <li key={line.id}>
          <span className={classes.swatch} style={{ '--swatch': styles[at]?.color } as CSSProperties} data-dashed={styles[at]?.dashed || undefined} />
          <bdi className={classes.cut} title={line.label}>{line.label}</bdi>
          <span className={classes.number}>{number(line.total)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Whether two states of a kind ask the same. */
export function asksTheSame(kind: string, a: object, b: object): boolean {
  const read = (state: object) => kindOf(kind)?.read(stateOf(state)) ?? state;
  return sameState(stateOf(read(a)), stateOf(read(b)));
}
