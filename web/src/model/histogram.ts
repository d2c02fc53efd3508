/** A histogram's bins: what is drawn, the table below, and who is in them. */
import type { HistogramAnswer } from '../api/types';
import type { Query } from '../reports/types';
import { lineStyle } from '../reports/palette';
import { texts } from '../texts';
import { isMuted, measureParts, seriesLabel, type GraphSearch } from './graph';
import { percent } from './format';
import { groupKeyLabel } from './report';
import { opens, type Table, type TableCell } from './table';

const t = texts.graph;

type Answer = Pick<HistogramAnswer, 'graph'>;

/** An edge, as short as the bins are wide: `0`, `436.2`, `0.004`. */
export function edgeText(edge: number, width: number): string {
  const digits = width > 0 ? Math.min(10, Math.max(0, 2 - Math.floor(Math.log10(width)))) : 2;
  return edge.toLocaleString('en', { maximumFractionDigits: digits });
}

/** `25 – 436.2`, of each bin; the last one has its end, too. */
export function binLabels({ edges = [] }: Answer['graph']): string[] {
  return edges.slice(1).map((to, at) => {
    const from = edges[at] ?? 0;
    return from === to ? edgeText(from, 0) : t.bin(edgeText(from, to - from), edgeText(to, to - from));
  });
}

/** People are asked for by the edges: bins of a number would be others for others. */
export function binsQuery(query: Query, { edges = [] }: Answer['graph']): Query {
  const graph = query['graph'] as Record<string, unknown> & { measure: { histogram: { of: string } } };
  return { graph: { ...graph, measure: { histogram: { of: graph.measure.histogram.of, edges } } } };
}

/** A row for each bin, a column for each group, and all together. */
export function histogramTable(search: GraphSearch, query: Query | null, { graph }: Answer): Table {
  const grouped = search.group.length > 0;
  const of = query === null ? {} : { of: binsQuery(query, graph) };
  const cell = (value: number | null | undefined, total: number | null, at: Record<string, unknown>): TableCell => {
    const n = value ?? 0;
    return { value: n, text: n === 0 ? '0' : `${n.toLocaleString('en')} · ${percent(n, total ?? 0)}`, ...(query === null ? {} : opens(n, at)), ...of };
  };
  const columns = grouped ? graph.series.map((series) => ({ label: seriesLabel(series, search.group, null) })) : [];
  return {
    caption: t.tableCaption,
    corner: grouped ? `${t.binOf} \\ ${search.group.map(groupKeyLabel).join(' · ')}` : t.binOf,
    columns: [{ label: t.total, strong: true }, ...columns],
    rows: binLabels(graph).map((label, at) => ({
      id: String(at),
      label,
      cells: [
        cell(graph.total.values[at], graph.total.total, { at }),
        ...(grouped ? graph.series.map((series, place) => cell(series.values[at], series.total, { at, series: place })) : []),
      ],
    })),
  };
}

/** What is drawn: groups beside each other, or all together. */
export function histogramLines(search: GraphSearch, { graph }: Answer) {
  const { property } = measureParts(search.measure[0] ?? '');
  if (search.group.length === 0) return [{ id: 'all', label: property, values: graph.total.values, total: graph.total.total, style: lineStyle(0), faint: false, muted: false }];
  return graph.series.map((series, at) => ({
    id: series.other ? 'other' : JSON.stringify(series.group), label: seriesLabel(series, search.group, null), values: series.values, total: series.total,
    style: lineStyle(at, series.other), faint: false, muted: isMuted(series),
  }));
}
