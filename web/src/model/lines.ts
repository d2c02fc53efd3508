/** A graph's answer as lines to draw and as a table of its numbers. */
import type { GraphAnswer, GraphLine, GraphsAnswer, PeopleCell, ReportQuery, Series } from '../api/answers';
import type { Interval, Scalar } from '../api/types';
import { texts } from '../texts';
import { number } from './format';
import { lineStyle } from './palette';
import type { Table, TableCell } from './table';
import { axisLabel, bucketLabel } from './time';

const t = texts.reports;

export interface Line {
  /** Tells lines apart: two groups can look the same when written out. */
  id: string;
  label: string;
  /** Not a captured value: the rest, or events without the property. */
  muted: boolean;
  color: string;
  dashed: boolean;
  values: (number | null)[];
  total: number | null;
  trailing?: (number | null)[];
  /** The people of all of the line; null where it is made of other numbers. */
  cell: PeopleCell | null;
  previous?: { values: (number | null)[]; total: number | null; trailing?: (number | null)[] };
}

export function groupText(group: Scalar[] | null, other: boolean): string {
  if (other || group === null) return texts.graph.other;
  return group.map(valueLabel).join(' · ');
}

export function valueLabel(value: Scalar): string {
  if (value === null) return texts.graph.none;
  return value === '' ? texts.graph.emptyText : String(value);
}

export const seriesId = (s: { group: Scalar[] | null; other: boolean }) => (s.other ? 'other' : JSON.stringify(s.group));
export const isMuted = (s: { group: Scalar[] | null; other: boolean }) =>
  s.other || (s.group !== null && s.group.length > 0 && s.group.every((v) => v === null));

/** `labels` are those of the events, in their order; a formula is called by itself. */
export function toLines(answer: GraphsAnswer, labels: string[]): Line[] {
  const { lines, previous } = answer.graphs;
  const several = lines.length > 1;
  let place = 0;
  return lines.flatMap((line, l) => {
    const name = line.formula ?? labels[l] ?? line.event ?? '';
    return line.series.map((s, i): Line => {
      const group = s.other || (s.group?.length ?? 0) > 0 ? groupText(s.group, s.other) : null;
      const before = previous?.lines[l]?.series[i];
      return {
        id: `${line.event ?? line.formula} ${seriesId(s)}`,
        label: group === null ? name : several ? `${name}: ${group}` : group,
        muted: isMuted(s),
        ...lineStyle(place++, s.other),
        values: s.values,
        total: s.total,
        ...(s.trailing ? { trailing: s.trailing } : {}),
        cell: line.event === undefined ? null : { event: line.event, ...(group === null ? {} : { series: i }) },
        ...(before ? { previous: { values: before.values, total: before.total, ...(before.trailing ? { trailing: before.trailing } : {}) } } : {}),
      };
    });
  });
}

export const opens = (value: number | null, cell: PeopleCell | null): Partial<TableCell> => (cell === null || value === null || value === 0 ? {} : { cell });

export function graphTable(answer: GraphsAnswer, lines: Line[], interval: Interval, corner: string): Table {
  const { buckets, previous } = answer.graphs;
  const over = interval === 'whole' ? [] : buckets;
  const cells = (values: (number | null)[], total: number | null, cell: PeopleCell | null): TableCell[] => [
    { value: total, ...opens(total, cell) },
    ...over.map((_, at): TableCell => ({ value: values[at] ?? null, ...opens(values[at] ?? null, cell === null ? null : { ...cell, at }) })),
  ];
  return {
    caption: texts.graph.tableCaption,
    corner,
    columns: [
      { label: texts.graph.total, strong: true },
      ...over.map((bucket) => ({ label: axisLabel(bucket, interval), title: bucketLabel(bucket, interval) })),
    ],
    rows: lines.flatMap((line) => {
      const row = { id: line.id, label: line.label, muted: line.muted, color: line.color, dashed: line.dashed, cells: cells(line.values, line.total, line.cell) };
      if (!previous || !line.previous) return [row];
      const before = line.cell === null ? null : { ...line.cell, previous: true };
      return [row, {
        id: `${line.id} before`, label: t.before(line.label), muted: true, color: line.color, dashed: true,
        cells: cells(line.previous.values, line.previous.total, before),
      }];
    }),
    ...footOf(answer.graphs.lines, cells),
  };
}

/** All groups together, of one event: of several there would be several. */
function footOf(lines: GraphLine[], cells: (values: (number | null)[], total: number | null, cell: PeopleCell | null) => TableCell[]) {
  const [line] = lines;
  if (lines.length !== 1 || !line || line.series.length < 2) return {};
  return { foot: { id: 'total', label: t.allGroups, cells: cells(line.total.values, line.total.total, { event: line.event }) } };
}

export interface Bin {
  label: string;
  count: number;
}

export function binLabels(edges: number[]): string[] {
  const rounded = (n: number) => number(Math.abs(n) >= 100 ? Math.round(n) : Math.round(n * 100) / 100);
  return edges.slice(0, -1).map((edge, i) => t.bin(rounded(edge), rounded(edges[i + 1] ?? edge)));
}

/** The people of a bin are asked for by the answer's own edges. */
export function withEdges(query: ReportQuery, edges: number[]): ReportQuery {
  if (!('graph' in query) || typeof query.graph.measure !== 'object' || !('histogram' in query.graph.measure)) return query;
  return { graph: { ...query.graph, measure: { histogram: { of: query.graph.measure.histogram.of, edges } } } };
}

export function histogramTable(query: ReportQuery, answer: GraphAnswer, corner: string): Table {
  const { edges = [], series, total } = answer.graph;
  const grouped = series.length > 1 || (series[0]?.group?.length ?? 0) > 0;
  const of = withEdges(query, edges);
  const cells = (values: (number | null)[], sum: number | null, cell: PeopleCell): TableCell[] => [
    { value: sum, ...opens(sum, cell), of },
    ...values.map((value, at): TableCell => ({ value, ...opens(value, { ...cell, at }), of })),
  ];
  const row = (s: Series, i: number) => ({
    id: seriesId(s), label: grouped ? groupText(s.group, s.other) : t.values, muted: isMuted(s), ...lineStyle(i, s.other),
    cells: cells(s.values, s.total, grouped ? { series: i } : {}),
  });
  return {
    caption: texts.graph.tableCaption,
    corner,
    columns: [{ label: texts.graph.total, strong: true }, ...binLabels(edges).map((label) => ({ label }))],
    rows: series.map(row),
    ...(series.length > 1 ? { foot: { id: 'total', label: t.allGroups, cells: cells(total.values, total.total, {}) } } : {}),
  };
}
