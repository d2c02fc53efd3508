import { Text } from '@mantine/core';
import { useMemo, useState, type ComponentType } from 'react';
import { useNewestEvent } from '../../api/queries';
import type { GraphAnswer } from '../../api/types';
import { duration, number } from '../../model/format';
import { toLines, type GraphSearch } from '../../model/graph';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkButton } from '../../ui/links';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { typeName } from '../../ui/TypeIcon';
import type { ChartProps } from './Chart';
import classes from './graph.module.css';
import { Totals } from './Totals';

const t = texts.graph;

interface GraphAnswerViewProps {
  answer: GraphAnswer;
  search: GraphSearch;
  /** True while the answer is still that of the question before. */
  stale: boolean;
  Chart: ComponentType<ChartProps>;
}

export function GraphAnswerView({ answer, search, stale, Chart }: GraphAnswerViewProps) {
  const { graph, explain } = answer;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const what = search.event ?? (search.type === undefined ? t.anyEvent : typeName(search.type));
  const lines = useMemo(() => toLines(graph.series, what), [graph.series, what]);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  const empty = graph.total.total === 0;
  return (
    <>
      <Card>
        <div style={{ opacity: stale ? 0.55 : 1, transition: 'opacity 120ms' }} aria-busy={stale}>
          <div className={classes.headline}>
            <div>
              <Text size="sm" c="dimmed">{search.measure === 'users' ? t.usersTotal : t.countTotal}</Text>
              <Text fz={30} fw={650} lh={1.25} className={classes.number} data-testid="graph-total" data-settled={!stale}>{number(graph.total.total)}</Text>
            </div>
            <Text size="sm" c="dimmed" className={classes.explain}>
              {explain.sentence}
              <br />
              {t.explain(number(explain.rows), duration(explain.total_ms))}
              {search.days !== undefined && search.interval !== 'whole' && ` · ${t.filling}`}
            </Text>
          </div>
          {empty ? <Nothing /> : (
            <Chart
              buckets={graph.buckets} interval={search.interval} lines={lines} hidden={hidden}
              label={t.chart(what, number(graph.total.total))}
            />
          )}
        </div>
      </Card>
      {!empty && (
        <Card padded={false} label={t.tableCaption}>
          <Totals graph={graph} lines={lines} search={search} hidden={hidden} onToggle={toggle} />
        </Card>
      )}
    </>
  );
}

/** No answer can mean no data at all, which asks for something else. */
function Nothing() {
  const project = useProject();
  const newest = useNewestEvent(project.id);
  if (newest.data === null) {
    return <EmptyState title={t.emptyTitle} text={t.noEvents}><LinkButton to="/install">{texts.nav.install}</LinkButton></EmptyState>;
  }
  return <EmptyState title={t.emptyTitle} text={t.empty} />;
}
