/** A pivot: a graph over the whole range by two keys, as rows and columns. */
import type { GraphAnswer, ReportQuery, Series } from '../api/answers';
import type { Scalar } from '../api/types';
import { ANY_EVENT, eventLabel, eventOf, isEventRef, type EventRef } from './eventRef';
import { COUNTED, measureOf, measureText, NUMERIC, splitMeasure } from './graph';
import { opens, valueLabel } from './lines';
import { groupKeyLabel, groupKeys, readScope, scopeQuery, text, toGroupKey, type Moment, type Range, type Raw, type Scope } from './scope';
import type { Table, TableCell } from './table';
import { texts } from '../texts';

const t = texts.reports.pivot;
/** As many groups as the API gives: cells of rows and columns. */
const MOST_CELLS = 1000;

export interface PivotSearch extends Scope {
  event: EventRef;
  measure: string;
  row: string;
  column: string;
}

export function readPivotSearch(raw: Raw): PivotSearch {
  const event = text(raw['event']);
  const measure = text(raw['measure']) ?? '';
  const [kind, property] = splitMeasure(measure);
  const known = property === undefined ? COUNTED.some((one) => one === kind) : kind !== 'histogram' && property !== '' && NUMERIC.some((one) => one === kind);
  const key = (name: string, otherwise: string) => {
    const value = text(raw[name]);
    return value !== undefined && toGroupKey(value) !== null ? value : otherwise;
  };
  return {
    event: isEventRef(event) ? event : ANY_EVENT,
    measure: known ? measure : 'count',
    row: key('row', 'event:browser'),
    column: key('column', 'event:device'),
    ...readScope(raw, 30),
  };
}

export function pivotQuery(search: PivotSearch, at: Moment, range?: Range): ReportQuery {
  return {
    graph: {
      event: eventOf(search.event), measure: measureOf(search.measure), interval: 'whole', group_by: groupKeys([search.row, search.column]), top: MOST_CELLS,
      ...scopeQuery(search, at, range),
    },
  };
}

/** The same by one of the keys alone: totals of measures that cannot be summed up. */
export function marginQuery(query: ReportQuery, key: 0 | 1): ReportQuery {
  if (!('graph' in query)) return query;
  const { group_by = [], ...rest } = query.graph;
  return { graph: { ...rest, group_by: group_by.slice(key, key + 1) } };
}

export const isAdditive = ({ measure }: PivotSearch) => measure === 'count' || measure.startsWith('sum:');

export const pivotTitle = (search: PivotSearch) =>
  t.sentence(measureText(search.measure), eventLabel(search.event), groupKeyLabel(search.row), groupKeyLabel(search.column));

export interface Margins {
  rows: Series[];
  columns: Series[];
}

const idOf = (value: Scalar | undefined) => JSON.stringify(value ?? null);

/** Rows and columns by their totals; without margins, sums. */
export function pivotTable(search: PivotSearch, query: ReportQuery, { graph }: GraphAnswer, margins: Margins | null): Table {
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
    ({ value: n, ...opens(n, { group: [value] }), of: marginQuery(query, key) });
  const cell = (row: string, column: string): TableCell => {
    const found = cells.get(`${row} ${column}`);
    if (found === undefined) return { value: isAdditive(search) ? 0 : null };
    return { value: found.total, ...opens(found.total, { series: found.place }), ...(most > 0 && found.total !== null ? { heat: Math.max(0, found.total / most) } : {}) };
  };
  return {
    caption: t.caption,
    corner: `${groupKeyLabel(search.row)} \\ ${groupKeyLabel(search.column)}`,
    columns: [{ label: texts.graph.total, strong: true }, ...columns.map(({ value }) => ({ label: valueLabel(value) }))],
    rows: rows.map((row) => ({
      id: row.id, label: valueLabel(row.value), muted: row.value === null, cells: [sum(0, row), ...columns.map((column) => cell(row.id, column.id))],
    })),
    foot: { id: 'total', label: texts.graph.total, cells: [{ value: graph.total.total, ...opens(graph.total.total, {}) }, ...columns.map((column) => sum(1, column))] },
  };
}
