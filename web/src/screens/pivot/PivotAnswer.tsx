import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useAnswer } from '../../api/reports';
import type { GraphAnswer } from '../../api/types';
import { duration, number } from '../../model/format';
import { measureLabel } from '../../model/graph';
import { isAdditive, marginQuery, pivotTable, type PivotSearch } from '../../model/pivot';
import { ModelTable } from '../../reports/ModelTable';
import reports from '../../reports/reports.module.css';
import type { AnswerProps } from '../../reports/types';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';

export function PivotAnswer({ search, query, answer, compact, onPeople }: AnswerProps<PivotSearch, GraphAnswer>) {
  const { graph, explain } = answer;
  const table = usePivot(search, query, answer);
  const other = graph.series.find((s) => s.other);
  const empty = graph.series.length === 0 || graph.total.total === 0 ? <EmptyState title={texts.explore.emptyTitle} text={texts.explore.empty} /> : null;
  if (compact) return empty ?? <ModelTable table={table} onPeople={onPeople} />;
  return (
    <>
      <Card>
        <div className={reports.headline}>
          <div>
            <Text size="sm" c="dimmed">{measureLabel(search.measure)}</Text>
            <Text fz={30} fw={650} lh={1.25} className={reports.number} data-testid="pivot-total">{graph.total.total === null ? '–' : number(graph.total.total)}</Text>
          </div>
          <Text size="sm" c="dimmed" className={reports.explain}>{explain.sentence}<br />{texts.reports.explain(number(explain.rows), duration(explain.total_ms))}</Text>
        </div>
        {empty}
        {other && <Text size="sm" c="dimmed">{texts.explore.pivot.rest(number(other.total ?? 0))}</Text>}
      </Card>
      {empty === null && <Card padded={false} label={table.caption}><ModelTable table={table} onPeople={onPeople} picture /></Card>}
    </>
  );
}

/** Users can be in several columns: what cannot be summed up is asked for beside, of the same instant. */
function usePivot(search: PivotSearch, query: AnswerProps<PivotSearch, GraphAnswer>['query'], answer: GraphAnswer) {
  const project = useProject();
  const asked = !isAdditive(search);
  const [byRow, byColumn] = useMemo(() => {
    const now = { graph: { ...query['graph'], as_of: answer.as_of } };
    return [marginQuery(now, 0), marginQuery(now, 1)];
  }, [query, answer.as_of]);
  const rows = useAnswer(project.id, byRow, search, asked);
  const columns = useAnswer(project.id, byColumn, search, asked);
  const [row, column] = [rows, columns].map((one) => (one.isPlaceholderData ? undefined : (one.data?.answer as GraphAnswer | undefined)));
  return useMemo(
    () => pivotTable(search, query, answer, row && column ? { rows: row.graph.series, columns: column.graph.series } : null),
    [search, query, answer, row, column],
  );
}
