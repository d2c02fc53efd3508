import type { FunnelAnswer, ReportAnswer, ReportQuery } from '../../api/answers';
import { groupsTable, isGrouped, stepsTable, timesTable, trends, type FunnelSearch } from '../../model/funnel';
import { percent } from '../../model/format';
import { opens } from '../../model/lines';
import type { Table } from '../../model/table';
import { bucketLabel } from '../../model/time';
import { texts } from '../../texts';

const t = texts.reports.funnel;

export function trendTable(search: FunnelSearch, answer: FunnelAnswer): Table {
  const { buckets = [], total } = answer.funnel;
  const lines = trends(answer);
  const named = (label: string, what: string) => (lines.length > 1 ? `${label}: ${what}` : what);
  return {
    caption: t.trendCaption,
    corner: t.start,
    columns: lines.flatMap(({ label }) => [{ label: named(label, t.conversion), strong: true }, { label: named(label, t.started) }, { label: named(label, t.reached) }]),
    rows: buckets.map((bucket, at) => ({
      id: bucket,
      label: bucketLabel(bucket, search.interval),
      cells: lines.flatMap(({ started, converted, cell }) => {
        const [n, k] = [started[at] ?? 0, converted[at] ?? 0];
        return [
          { value: n === 0 ? null : percent(k, n) },
          { value: n, ...opens(n, { ...cell, at, step: 1 }) },
          { value: k, ...opens(k, { ...cell, at, step: total.length }) },
        ];
      }),
    })),
  };
}

export function funnelTables(search: FunnelSearch, _query: ReportQuery, answer: ReportAnswer): Table[] {
  const given = answer as FunnelAnswer;
  return [
    stepsTable(search, given),
    ...(isGrouped(given) ? [groupsTable(search, given)] : []),
    ...(search.view === 'time' ? [timesTable(search, given)] : []),
    ...(given.funnel.over_time === undefined ? [] : [trendTable(search, given)]),
  ];
}
