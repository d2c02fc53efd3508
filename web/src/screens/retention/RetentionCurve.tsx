import { useCallback } from 'react';
import type { RetentionAnswer } from '../../api/types';
import { cellShare, cohortLabel, isAhead, type RetentionSearch } from '../../model/retention';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption, type Axis, type Drawn } from '../../reports/chart/option';
import { lineStyle } from '../../reports/palette';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';

const t = texts.reports.retention;
const CURVE_PX = 240;
const percentOf = (share: number | null) => (share === null ? null : Math.round(share * 1000) / 10);

interface RetentionCurveProps {
  average: (number | null)[];
  retention: RetentionAnswer['retention'];
  search: RetentionSearch;
  compact: boolean;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** How many come back, over the periods: the average, and each group where there are some. */
export function RetentionCurve({ average, retention, search, compact, onPeople }: RetentionCurveProps) {
  const { interval, periods, group } = search;
  const option = useCallback((look: Look) => {
    const axis: Axis = {
      size: periods, name: (at) => t.period(interval, at), short: (at) => (look.narrow ? String(at) : t.period(interval, at)), format: (value) => `${value}%`, most: 100,
    };
    const line = (id: string, label: string, at: number, other: boolean, values: (number | null)[]): Drawn =>
      ({ id, label, style: lineStyle(at, other), values: values.map(percentOf), total: null, faint: false });
    const groups = group.length === 0 ? [] : retention.cohorts.map((cohort, at) => line(
      `group ${at}`, cohortLabel(cohort, search), at + 1, cohort.other,
      cohort.cells.map((cell, period) => (isAhead(cohort, period) ? null : cellShare(cell.users, cohort.users))),
    ));
    return alongOption([line('average', t.average, 0, false, average), ...groups], axis, 'lines', look);
  }, [average, retention, search, interval, periods, group.length]);
  const pick = (series: number, period: number) => {
    const cohort = series === 0 ? null : series - 1;
    const label = cohort === null ? t.all : cohortLabel(retention.cohorts[cohort] ?? retention.total, search);
    onPeople?.({ cell: { period, ...(cohort === null ? {} : { series: cohort }) }, title: `${label} · ${t.period(interval, period)}` });
  };
  const label = t.curveLabel(average.map((share, at) => (share === null ? null : `${t.period(interval, at)}: ${percentOf(share) ?? 0}%`)).filter((one) => one !== null).join('; '));
  return <EChart option={option} height={compact ? undefined : CURVE_PX} label={label} onPick={onPeople && pick} />;
}
