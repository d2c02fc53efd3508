import { Title } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { FunnelAnswer, FunnelOverTime } from '../../api/types';
import { conversions, type FunnelGroup, type TrendInterval } from '../../model/funnel';
import { axisLabel, bucketLabel } from '../../model/time';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption, type Axis, type Drawn } from '../../reports/chart/option';
import { lineStyle } from '../../reports/palette';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';

const t = texts.reports.funnel;
const TREND_PX = 240;

interface TrendChartProps {
  funnel: FunnelAnswer['funnel'];
  interval: TrendInterval;
  /** Those that are drawn: all of them, one, or none for all people together. */
  groups: FunnelGroup[];
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

interface Trend {
  drawn: Drawn;
  cell: Record<string, unknown>;
}

/** Conversion by when the first step was done. */
export function TrendChart({ funnel, interval, groups, onPeople }: TrendChartProps) {
  const buckets = useMemo(() => funnel.buckets ?? [], [funnel.buckets]);
  const trends = useMemo(() => trendsOf(funnel, groups), [funnel, groups]);
  const option = useCallback((look: Look) => {
    const axis: Axis = {
      size: buckets.length, name: (at) => bucketLabel(buckets[at] ?? '', interval), short: (at) => axisLabel(buckets[at] ?? '', interval),
      format: (value) => `${Math.round(value * 10) / 10}%`,
    };
    return alongOption(trends.map(({ drawn }) => drawn), axis, 'lines', look);
  }, [trends, buckets, interval]);
  const pick = (series: number, at: number) => {
    const trend = trends[series];
    if (trend) onPeople?.({ cell: { at, step: funnel.total.length, ...trend.cell }, title: `${trend.drawn.label} · ${bucketLabel(buckets[at] ?? '', interval)}` });
  };
  return (
    <Card>
      <Title order={2} size="h5" mb="sm">{t.trendTitle}</Title>
      <EChart aside option={option} height={TREND_PX} label={t.trendTitle} onPick={onPeople && pick} />
    </Card>
  );
}

function trendsOf(funnel: FunnelAnswer['funnel'], groups: FunnelGroup[]): Trend[] {
  const trend = (id: string, label: string, style: Drawn['style'], overTime: FunnelOverTime | undefined, cell: Trend['cell']): Trend => {
    const values = conversions(overTime ?? []).map((share) => (share === null ? null : Math.round(share * 1_000) / 10));
    return { drawn: { id, label, style, values, total: null, faint: false }, cell };
  };
  if (groups.length === 0) return [trend('all', t.together, lineStyle(0), funnel.over_time, {})];
  return groups.map((group) => {
    const at = Number(group.cell['series']);
    return trend(group.id, group.label, lineStyle(at, group.other), funnel.series[at]?.over_time, group.cell);
  });
}
