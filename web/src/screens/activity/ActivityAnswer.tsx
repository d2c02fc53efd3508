import { Group, Text } from '@mantine/core';
import { useCallback, useMemo, type CSSProperties } from 'react';
import { activityTable, activityTitle, daysOf, isEmpty, LIFE, LIFE_COLORS, type ActivityAnswer as Answer, type ActivitySearch } from '../../model/activity';
import { duration, number } from '../../model/format';
import { bucketLabel, axisLabel } from '../../model/time';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption, type Axis, type Drawn } from '../../reports/chart/option';
import { ModelTable } from '../../reports/ModelTable';
import { lineStyle } from '../../reports/palette';
import reports from '../../reports/reports.module.css';
import type { AnswerProps } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import classes from './activity.module.css';

const t = texts.explore.activity;
const CHART_PX = 300;
/** Of a month not every number of days has a bar. */
const MONTH_DAYS = [1, 2, 3, 5, 10, 20];

type Props = AnswerProps<ActivitySearch, Answer>;

export function ActivityAnswer({ search, query, answer, compact, onPeople }: Props) {
  const table = useMemo(() => activityTable(search, answer), [search, answer]);
  if (isEmpty(answer)) {
    const empty = <EmptyState title={texts.explore.emptyTitle} text={texts.explore.empty} />;
    return compact ? empty : <Card>{empty}</Card>;
  }
  const chart = <Bars search={search} query={query} answer={answer} compact={compact} {...(onPeople ? { onPeople } : {})} />;
  if (compact) return chart;
  return (
    <>
      <Card>
        <Text size="sm" c="dimmed" mb="sm">{activityTitle(search)} · {texts.reports.explain(number(answer.explain.rows), duration(answer.explain.total_ms))}</Text>
        {chart}
      </Card>
      <Card padded={false} label={table.caption}><ModelTable table={table} onPeople={onPeople} /></Card>
    </>
  );
}

function Bars({ search, answer, compact, onPeople }: Props) {
  const sticky = 'stickiness' in answer;
  const intervals = sticky ? answer.stickiness.intervals : answer.lifecycle.intervals;
  const days = useMemo(() => (sticky ? (search.interval === 'month' ? MONTH_DAYS : Array.from({ length: daysOf(answer) }, (_, d) => d + 1)) : []), [sticky, answer, search.interval]);
  const option = useCallback((look: Look) => {
    const name = (at: number) => bucketLabel(intervals[at]?.from ?? '', search.interval);
    const axis: Axis = { size: intervals.length, name, short: (at) => axisLabel(intervals[at]?.from ?? '', search.interval), ...(sticky ? { format: (v: number) => `${v.toFixed(1)}%` } : { stacked: true }) };
    const bar = (id: string, label: string, style: Drawn['style'], values: (number | null)[]): Drawn => ({ id, label, style, values, total: null, faint: false });
    const drawn = sticky
      ? days.map((d, i) => bar(`${d}`, t.days(d), lineStyle(i, false), answer.stickiness.intervals.map((one) => (one.users === 0 ? null : (100 * (one.days[d - 1] ?? 0)) / one.users))))
      : LIFE.map((who) => bar(who, t.life[who], { color: LIFE_COLORS[who], dashed: false }, answer.lifecycle.intervals.map((one) => (who === 'dormant' ? -one[who] : one[who]))));
    return alongOption(drawn, axis, 'bars', look);
  }, [answer, sticky, days, intervals, search.interval]);
  const pick = (series: number, at: number) => {
    const when = bucketLabel(intervals[at]?.from ?? '', search.interval);
    const who = LIFE[series] ?? 'new';
    const day = days[series] ?? 1;
    onPeople?.(sticky ? { cell: { at, days: day }, title: `${when} · ${t.days(day)}` } : { cell: { at, who }, title: `${when} · ${t.life[who]}` });
  };
  return (
    <>
      <Legend of={sticky ? days.map((day, i) => ({ label: t.days(day), ...lineStyle(i, false) })) : LIFE.map((who) => ({ label: t.life[who], color: LIFE_COLORS[who], dashed: false }))} />
      <EChart option={option} height={compact ? undefined : CHART_PX} label={texts.explore.tableBelow(activityTitle(search))} onPick={onPeople && pick} />
    </>
  );
}

function Legend({ of }: { of: { label: string; color: string; dashed: boolean }[] }) {
  return (
    <Group component="ul" gap="4px 16px" p={0} m={0} mb="xs" className={classes.plain}>
      {of.map(({ label, color, dashed }) => (
        <Group component="li" key={label} gap={8}>
          <span className={reports.swatch} style={{ '--swatch': color } as CSSProperties} data-dashed={dashed || undefined} />
          <Text size="xs" c="dimmed">{label}</Text>
        </Group>
      ))}
    </Group>
  );
}
