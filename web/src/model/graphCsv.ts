/** A graph's numbers as a table to be saved: a row for each interval, a column for each line. */
import type { GraphsAnswer } from '../api/types';
import type { CsvCell } from '../reports/types';
import { texts } from '../texts';
import { toLines, type GraphSearch } from './graph';

export function graphCsv(search: GraphSearch, { graphs }: GraphsAnswer): CsvCell[][] {
  const lines = toLines(graphs, search);
  const averaged = lines.filter((line) => line.trailing !== undefined);
  const heading = [texts.graph.interval, ...lines.map((line) => line.label), ...averaged.map((line) => texts.graph.averageOf(line.label, search.trailing ?? 0))];
  const rows = graphs.buckets.map((bucket, at) => [
    search.interval === 'whole' ? texts.graph.wholeRange : bucket,
    ...lines.map((line) => line.values[at] ?? null),
    ...averaged.map((line) => line.trailing?.[at] ?? null),
  ]);
  const totals = [texts.graph.total, ...lines.map((line) => line.total), ...averaged.map(() => null)];
  return search.interval === 'whole' ? [heading, ...rows] : [heading, ...rows, totals];
}
