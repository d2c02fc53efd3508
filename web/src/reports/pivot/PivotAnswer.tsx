import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { GraphAnswer, ReportAnswer, ReportQuery } from '../../api/answers';
import { useAnswer } from '../../api/reports';
import { number } from '../../model/format';
import { measureText } from '../../model/graph';
import { isAdditive, marginQuery, pivotTable, type PivotSearch } from '../../model/pivot';
import type { Table } from '../../model/table';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { Explain } from '../Explain';
import type { AnswerProps } from '../kinds';
import { Nothing } from '../Nothing';
import { NumberTable } from '../NumberTable';
import classes from '../reports.module.css';

export function PivotAnswer({ search, query, answer, compact = false }: AnswerProps<PivotSearch>) {
  const project = useProject();
  const given = answer as GraphAnswer;
  // Users are in several columns; their totals are questions of their own, asked beside.
  const asked = !isAdditive(search);
  const rows = useAnswer<GraphAnswer>(project.id, useMemo(() => marginQuery(query, 0), [query]), asked).data;
  const columns = useAnswer<GraphAnswer>(project.id, useMemo(() => marginQuery(query, 1), [query]), asked).data;
  const table = useMemo(
    () => pivotTable(search, query, given, rows && columns ? { rows: rows.graph.series, columns: columns.graph.series } : null),
    [search, query, given, rows, columns],
  );
  const other = given.graph.series.find((s) => s.other);
  const empty = given.graph.series.length === 0 || given.graph.total.total === 0;
  if (compact) return empty ? <Nothing /> : <NumberTable table={table} />;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <div>
            <Text size="sm" c="dimmed">{measureText(search.measure)}</Text>
            <Text className={classes.total} data-testid="pivot-total">{given.graph.total.total === null ? '–' : number(given.graph.total.total)}</Text>
          </div>
          <Explain answer={answer} />
        </div>
        {empty && <Nothing />}
        {other && <Text size="sm" c="dimmed">{texts.reports.pivot.rest(number(other.total ?? 0))}</Text>}
      </Card>
      {!empty && <Card padded={false} label={table.caption}><NumberTable table={table} /></Card>}
    </>
  );
}

/** Totals that cannot be summed up are left out of an export but the last. */
export function pivotTables(search: PivotSearch, query: ReportQuery, answer: ReportAnswer): Table[] {
  return [pivotTable(search, query, answer as GraphAnswer, null)];
}
