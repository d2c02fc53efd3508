import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { LifecycleAnswer, ReportAnswer, RetentionAnswer as Given, StickinessAnswer } from '../../api/answers';
import { lineStyle } from '../../model/palette';
import {
  cohortLabel, curve, LIFE, LIFE_COLORS, lifecycleTable, retentionTable, retentionTitle, stickinessTable, totalCurve, type RetentionSearch,
} from '../../model/retention';
import type { Table } from '../../model/table';
import { axisLabel, bucketLabel } from '../../model/time';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { LazyChart, type Picked } from '../charts/LazyChart';
import { overTime } from '../charts/options';
import { Explain } from '../Explain';
import type { AnswerProps } from '../kinds';
import { Nothing } from '../Nothing';
import { NumberTable } from '../NumberTable';
import { usePeopleOf } from '../People';
import classes from '../reports.module.css';
import { retentionTables } from './tables';

const t = texts.reports.retention;
const HEIGHT_PX = 280;
const TILE_PX = 220;
const COHORTS_DRAWN = 12;

export function RetentionAnswer({ search, query, answer, compact = false }: AnswerProps<RetentionSearch>) {
  const [table] = useMemo(() => retentionTables(search, query, answer), [search, query, answer]);
  const empty = isEmpty(answer);
  const height = compact ? TILE_PX : HEIGHT_PX;
  const chart = empty ? <Nothing />
    : 'retention' in answer ? <Curve search={search} answer={answer} height={height} />
    : 'stickiness' in answer ? <Sticky search={search} answer={answer} height={height} />
    : <Life search={search} answer={answer as LifecycleAnswer} height={height} />;
  if (compact) return chart;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          {'retention' in answer ? <Headline search={search} answer={answer} /> : <div />}
          <Explain answer={answer} />
        </div>
        {chart}
      </Card>
      {!empty && table && <Numbers table={table} striped={'retention' in answer} />}
    </>
  );
}

function isEmpty(answer: ReportAnswer): boolean {
  if ('retention' in answer) return answer.retention.total.users === 0;
  if ('stickiness' in answer) return answer.stickiness.intervals.every((i) => i.users === 0);
  return (answer as LifecycleAnswer).lifecycle.intervals.every((i) => LIFE.every((who) => i[who] === 0));
}

function Numbers({ table, striped }: { table: Table; striped: boolean }) {
  return (
    <Card padded={false} label={table.caption}>
      <NumberTable table={table} />
      {striped && <Text size="sm" c="dimmed" className={classes.foot}>{t.legend}</Text>}
    </Card>
  );
}

/** How many came back in the first period after their start. */
function Headline({ search, answer }: { search: RetentionSearch; answer: Given }) {
  const values = totalCurve(answer.retention);
  const k = values[1] === undefined ? 0 : 1;
  const value = values[k];
  if (value === null || value === undefined) return <div />;
  return (
    <div>
      <Text size="sm" c="dimmed">{t.average}</Text>
      <Text className={classes.total} data-testid="retention-headline">{value.toFixed(1)}%</Text>
      <Text size="sm" c="dimmed">{t.headline(k, texts.graph.intervals[search.interval])}</Text>
    </div>
  );
}

interface ChartProps<A> {
  search: RetentionSearch;
  answer: A;
  height: number;
}

function Curve({ search, answer, height }: ChartProps<Given>) {
  const open = usePeopleOf();
  const { retention } = answer;
  const grouped = search.group.length > 0;
  const make = useMemo(() => {
    const axis = retention.total.cells.map((_, k) => t.period(k, texts.graph.intervals[search.interval]));
    const cohorts = retention.cohorts.map((cohort, i) => ({
      id: String(i), label: cohortLabel(cohort, search.interval), ...lineStyle(i + 1, cohort.other), values: curve(cohort), faint: !grouped,
    }));
    const all = { id: 'all', label: t.average, ...lineStyle(0), values: totalCurve(retention) };
    // Of many cohorts the latest are drawn; the table has all.
    return overTime({ lines: [all, ...cohorts.slice(-COHORTS_DRAWN)], axis, titles: axis, write: (n) => `${n.toFixed(1)}%` });
  }, [retention, search.interval, grouped]);
  const pick = ({ series, index }: Picked) => {
    if (series === 'all') return open({ period: index }, retention.total.cells[index]?.sentence ?? '');
    const at = Number(series);
    return open({ [grouped ? 'series' : 'at']: at, period: index }, retention.cohorts[at]?.cells[index]?.sentence ?? '');
  };
  return <LazyChart make={make} height={height} label={texts.reports.chart(retentionTitle(search))} onPick={pick} />;
}

function Sticky({ search, answer, height }: ChartProps<StickinessAnswer>) {
  const open = usePeopleOf();
  const { intervals } = answer.stickiness;
  const make = useMemo(() => {
    const most = Math.max(1, ...intervals.map((i) => i.days.length));
    const shown = search.interval === 'month' ? [1, 2, 3, 5, 10, 15, 20] : Array.from({ length: most }, (_, d) => d + 1);
    return overTime({
      lines: shown.map((d, i) => ({ id: String(d), label: t.days(d), ...lineStyle(i), values: intervals.map(({ days, users }) => (users === 0 ? null : (100 * (days[d - 1] ?? 0)) / users)) })),
      axis: intervals.map(({ from }) => axisLabel(from, search.interval)), titles: intervals.map(({ from }) => bucketLabel(from, search.interval)),
      bars: true, stacked: search.interval !== 'month', write: (n) => `${n.toFixed(1)}%`, ...(search.interval === 'month' ? {} : { max: 100 }),
    });
  }, [intervals, search.interval]);
  const pick = ({ series, index }: Picked) => open({ at: index, days: Number(series) }, `${bucketLabel(intervals[index]?.from ?? '', search.interval)}: ${t.days(Number(series))}`);
  return <LazyChart make={make} height={height} label={texts.reports.chart(retentionTitle(search))} onPick={pick} />;
}

function Life({ search, answer, height }: ChartProps<LifecycleAnswer>) {
  const open = usePeopleOf();
  const { intervals } = answer.lifecycle;
  const make = useMemo(() => overTime({
    lines: LIFE.map((who) => ({ id: who, label: t.life[who], color: LIFE_COLORS[who], dashed: false, values: intervals.map((i) => (who === 'dormant' ? -i[who] : i[who])) })),
    axis: intervals.map(({ from }) => axisLabel(from, search.interval)), titles: intervals.map(({ from }) => bucketLabel(from, search.interval)), bars: true, stacked: true,
    write: (n) => Math.abs(n).toLocaleString('en'),
  }), [intervals, search.interval]);
  const pick = ({ series, index }: Picked) => {
    const who = LIFE.find((one) => one === series);
    if (who) open({ at: index, who }, `${t.life[who]}, ${bucketLabel(intervals[index]?.from ?? '', search.interval)}`);
  };
  return <LazyChart make={make} height={height} label={texts.reports.chart(retentionTitle(search))} onPick={pick} />;
}

export { lifecycleTable, retentionTable, stickinessTable };
