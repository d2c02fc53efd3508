import { Text } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { HistogramAnswer } from '../../api/types';
import { duration, number } from '../../model/format';
import { graphTitle, histogramOf, type GraphSearch } from '../../model/graph';
import { binLabels, binsQuery, histogramLines, histogramTable } from '../../model/histogram';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption } from '../../reports/chart/option';
import { Legend } from '../../reports/Legend';
import { ModelTable } from '../../reports/ModelTable';
import { Dated } from '../../reports/Dated';
import { NumberButton } from '../../reports/NumberButton';
import type { AnswerProps } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import classes from '../../reports/reports.module.css';

const t = texts.graph;
const BINS_PX = 340;

/** How the numbers of a property are spread. */
export function Histogram({ answer, search, query, compact, onPeople }: AnswerProps<GraphSearch, HistogramAnswer>) {
  const { graph, explain } = answer;
  const labels = useMemo(() => binLabels(graph), [graph]);
  const lines = useMemo(() => histogramLines(search, answer), [search, answer]);
  const table = useMemo(() => histogramTable(search, query, answer), [search, query, answer]);
  const option = useCallback((look: Look) => {
    const name = (at: number) => labels[at] ?? '';
    return alongOption(lines, { size: labels.length, name, short: name, tight: lines.length === 1 }, 'bars', look);
  }, [lines, labels]);
  const property = histogramOf(search) ?? '';
  const total = graph.total.total ?? 0;
  if (total === 0) {
    const empty = <EmptyState title={t.emptyTitle} text={t.noNumbers(property)} />;
    return compact ? empty : <Card>{empty}</Card>;
  }
  const of = binsQuery(query, graph);
  const pick = (series: number, at: number) =>
    onPeople?.({ of, cell: { at, ...(search.group.length === 0 ? {} : { series }) }, title: [lines[series]?.label, labels[at]].filter(Boolean).join(' · ') });
  const chart = <EChart option={option} height={compact ? undefined : BINS_PX} label={t.chart(graphTitle(search), number(total))} onPick={onPeople && pick} />;
  const figure = (
    <div className={classes.headline} data-compact={compact || undefined}>
      <div>
        <Text size="sm" c="dimmed">{t.numbers}</Text>
        <Text fz={compact ? 22 : 30} fw={650} lh={1.25} className={classes.number} data-testid="graph-total">
          <NumberButton ask={{ of, cell: {}, title: t.numbers }} onPeople={onPeople} value={number(total)} />
        </Text>
        {graph.skipped > 0 && !compact && <Text size="sm" c="dimmed">{t.skipped(number(graph.skipped), property)}</Text>}
      </div>
      {!compact && <Text size="sm" c="dimmed" className={classes.explain}><Dated text={explain.sentence} /><br />{t.explain(number(explain.rows), duration(explain.total_ms))}</Text>}
    </div>
  );
  if (compact) return <>{figure}{chart}</>;
  return (
    <>
      <Card>
        {figure}
        <Legend of={lines} />
        {chart}
      </Card>
      <Card padded={false} label={table.caption}><ModelTable table={table} onPeople={onPeople} /></Card>
    </>
  );
}
