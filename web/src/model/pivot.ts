/** A pivot: a graph over the whole range by two keys, as rows and columns. */
import type { GraphAnswer, GroupKey, Scalar, Series } from '../api/types';
import type { Query } from '../reports/types';
import { measureLabel, readMeasure } from './graph';
import {
  ANY, eventLabel, groupKeyLabel, groupLabel, oneOf, readEvent, readNarrow, readRange, scope, textOf, toGroupKey, type At, type NarrowSearch, type RangeSearch, type Raw,
} from './report';
import { percent } from './format';
import { opens, type Table, type TableCell } from './table';
import { texts } from '../texts';

const t = texts.explore.pivot;
/** As many groups as the API gives: cells of rows and columns. */
const MOST_CELLS = 1000;

export const PIVOT_SHOWS = ['values', 'row', 'column', 'all'] as const;
export type PivotShow = (typeof PIVOT_SHOWS)[number];

export interface PivotSearch extends RangeSearch, NarrowSearch {
  event: string;
  measure: string;
  row: string;
  column: string;
  /** Numbers, or what share of their row, column, or all they are. */
  show: PivotShow;
}

export function readPivotSearch(raw: Raw): PivotSearch {
  const measure = textOf(raw['measure']) ?? '';
  const key = (name: string, otherwise: string) => {
    const value = textOf(raw[name]);
    return value !== undefined && toGroupKey(value) !== null ? value : otherwise;
  };
  const known = readMeasure(measure) === null || measure.startsWith('histogram:') ? 'count' : measure;
  return {
    event: textOf(raw['event']) ?? ANY,
    measure: known,
    row: key('row', 'event:browser'),
    column: key('column', 'event:device'),
    show: isAdditive({ measure: known }) ? oneOf(PIVOT_SHOWS, raw['show'], 'values') : 'values',
    ...readRange(raw, 30),
    ...readNarrow(raw),
  };
}

export function pivotQuery(search: PivotSearch, at: At, range?: RangeSearch) {
  return {
    event: readEvent(search.event), measure: readMeasure(search.measure) ?? 'count', interval: 'whole', top: MOST_CELLS,
    group_by: [search.row, search.column].map(toGroupKey).filter((key) => key !== null), ...scope(search, at, range),
  };
}

/** The same by one of the keys alone: totals of measures that cannot be summed up. */
export function marginQuery(query: Query, key: 0 | 1): Query {
  const { group_by = [], ...rest } = query['graph'] as { group_by?: GroupKey[] };
  return { graph: { ...rest, group_by: group_by.slice(key, key + 1) } };
}

/** Whether cells add up: a user can be in several. */
export const isAdditive = ({ measure }: Pick<PivotSearch, 'measure'>) => measure === 'count' || measure.startsWith('sum:');

export const pivotTitle = (search: PivotSearch) =>
  t.sentence(measureLabel(search.measure), eventLabel(search.event), groupKeyLabel(search.row), groupKeyLabel(search.column));

export interface Margins {
  rows: Series[];
  columns: Series[];
}

const idOf = (value: Scalar | undefined) => JSON.stringify(value ?? null);

/** Rows and columns by their totals; without margins, sums. */
export function pivotTable(search: PivotSearch, query: Query | null, { graph }: GraphAnswer, margins: Margins | null): Table {
  const series = graph.series.map((s, place) => ({ ...s, place })).filter((s) => !s.other && s.group !== null);
  const place = (key: 0 | 1) => (margins === null ? null : new Map((key === 0 ? margins.rows : margins.columns).filter((s) => !s.other).map((s) => [idOf(s.group?.[0]), s.total])));
  const known = [place(0), place(1)] as const;
  const total = (key: 0 | 1, id: string) =>
    known[key]?.get(id) ?? (isAdditive(search) ? series.filter((s) => idOf(s.group?.[key]) === id).reduce((sum, s) => sum + (s.total ?? 0), 0) : null);
  const values = (key: 0 | 1) => {
    const all = new Map(series.map((s) => [idOf(s.group?.[key]), s.group?.[key] ?? null]));
    return [...all].map(([id, value]) => ({ id, value, total: total(key, id) })).sort((a, b) => (b.total ?? 0) - (a.total ?? 0));
  };
  const [rows, columns] = [values(0), values(1)];
  const cells = new Map(series.map((s) => [`${idOf(s.group?.[0])} ${idOf(s.group?.[1])}`, s]));
  const most = Math.max(0, ...series.map((s) => s.total ?? 0));
  const sum = (key: 0 | 1, { value, total: n }: { value: Scalar; total: number | null }): TableCell =>
    (query === null ? { value: n } : { value: n, ...opens(n, { group: [value] }), of: marginQuery(query, key) });
  const shareOf = (row: string, column: string): number => {
    if (search.show === 'row') return total(0, row) ?? 0;
    return search.show === 'column' ? (total(1, column) ?? 0) : (graph.total.total ?? 0);
  };
  const cell = (row: string, column: string): TableCell => {
    const found = cells.get(`${row} ${column}`);
    const value = found?.total ?? (isAdditive(search) ? 0 : null);
    const whole = search.show === 'values' ? most : shareOf(row, column);
    return {
      value,
      ...(search.show === 'values' || value === null ? {} : { text: whole === 0 ? '–' : percent(value, whole) }),
      ...(found === undefined ? {} : opens(found.total, { series: found.place })),
      ...(found !== undefined && whole > 0 && value !== null ? { heat: Math.min(1, Math.max(0, value / whole)) } : {}),
    };
  };
  return {
    caption: t.caption,
    corner: `${groupKeyLabel(search.row)} \\ ${groupKeyLabel(search.column)}`,
    columns: [{ label: texts.graph.total, strong: true }, ...columns.map(({ value }) => ({ label: groupLabel(value, search.column) }))],
    rows: rows.map((row) => ({
      id: row.id, label: groupLabel(row.value, search.row), muted: row.value === null, cells: [sum(0, row), ...columns.map((column) => cell(row.id, column.id))],
    })),
    foot: { id: 'total', label: texts.graph.total, cells: [{ value: graph.total.total, ...opens(graph.total.total, {}) }, ...columns.map((column) => sum(1, column))] },
  };
}
