import { useMemo, useState } from 'react';
import { useNewestEvent } from '../../api/queries';
import type { GraphsAnswer, HistogramAnswer } from '../../api/types';
import { toLines, type GraphSearch, type Line } from '../../model/graph';
import { bucketLabel } from '../../model/time';
import { Legend } from '../../reports/Legend';
import { lineStyle } from '../../reports/palette';
import type { AnswerProps } from '../../reports/types';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkButton } from '../../ui/links';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { GraphChart } from './GraphChart';
import { Headline } from './Headline';
import { Histogram } from './Histogram';
import { Totals } from './Totals';

const t = texts.graph;

/** Over time, or the numbers of a property in bins. */
export function GraphAnswer(props: AnswerProps<GraphSearch, GraphsAnswer | HistogramAnswer>) {
  const { answer } = props;
  return 'graph' in answer ? <Histogram {...props} answer={answer} /> : <OverTime {...props} answer={answer} />;
}

function OverTime({ answer, search, compact, onPeople }: AnswerProps<GraphSearch, GraphsAnswer>) {
  const { graphs, explain } = answer;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(() => toLines(graphs, search), [graphs, search]);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  const open = onPeople && ((line: Line, at: number | null) => {
    if (line.cell === null) return;
    const bucket = at === null || search.interval === 'whole' ? null : (line.previous ? graphs.previous?.buckets : graphs.buckets)?.[at];
    // The period before can have fewer intervals.
    if (bucket === undefined || (bucket === null && at !== null && search.interval !== 'whole')) return;
    onPeople({
      cell: { ...line.cell, ...(bucket === null ? {} : { at }) },
      title: bucket === null ? line.label : `${line.label} · ${bucketLabel(bucket, search.interval)}`,
    });
  });
  const empty = graphs.lines.every((line) => !line.total.total);
  const draws = !empty && (search.chart === 'lines' || search.chart === 'bars');
  const chart = draws && <GraphChart graphs={graphs} lines={lines} search={search} hidden={hidden} compact={compact} onPeople={open} />;
  const table = <Totals graphs={graphs} lines={lines} search={search} hidden={hidden} compact={compact} onToggle={draws ? toggle : undefined} onPeople={open} />;
  const headline = <Headline graphs={graphs} lines={lines} search={search} explain={explain} compact={compact} onPeople={onPeople} />;
  if (compact) return empty ? <EmptyState title={t.emptyTitle} /> : search.chart === 'table' ? table : <>{headline}{chart}{draws && search.interval !== 'whole' && <Legend of={legendOf(lines)} />}</>;
  return (
    <>
      <Card>
        {headline}
        {empty ? <Nothing /> : chart}
      </Card>
      {!empty && <Card padded={false} label={t.tableCaption}>{table}</Card>}
    </>
  );
}

/** Lines of the period before are dotted in the same colour. */
const legendOf = (lines: Line[]) => lines.filter((line) => !line.previous).map((line) => ({ ...line, style: lineStyle(line.at, line.other) }));

/** No answer can mean no data at all, which asks for something else. */
function Nothing() {
  const project = useProject();
  const newest = useNewestEvent(project.id);
  if (newest.data === null) {
    return <EmptyState title={t.emptyTitle} text={t.noEvents}><LinkButton to="/install">{texts.nav.install}</LinkButton></EmptyState>;
  }
  return <EmptyState title={t.emptyTitle} text={t.empty} />;
}
