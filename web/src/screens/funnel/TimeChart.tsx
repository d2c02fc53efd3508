import { Group, NativeSelect, Title } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { FunnelAnswer } from '../../api/types';
import { span } from '../../model/format';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption, type Axis } from '../../reports/chart/option';
import { lineStyle } from '../../reports/palette';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';

const t = texts.reports.funnel;
const TIMES_PX = 200;
const WHOLE = 'whole';

interface TimeChartProps {
  funnel: FunnelAnswer['funnel'];
  names: string[];
  /** The group's place; null for all together. */
  series: number | null;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** How long people took, from the first step to the last or from one to the next. */
export function TimeChart({ funnel, names, series, onPeople }: TimeChartProps) {
  const [picked, setPicked] = useState(WHOLE);
  const of = series === null ? { steps: funnel.total, conversion: funnel.conversion } : (funnel.series[series] ?? { steps: funnel.total, conversion: funnel.conversion });
  const at = picked === WHOLE ? null : Number(picked);
  const step = at === null ? null : of.steps[at];
  const counts = (step ?? of.conversion).histogram;
  const edges = funnel.edges_ms;
  const option = useCallback((look: Look) => {
    const axis: Axis = { size: edges.length - 1, name: (bin) => t.between(span(edges[bin] ?? 0), span(edges[bin + 1] ?? 0)), short: (bin) => span(edges[bin] ?? 0) };
    const values = counts ?? [];
    return alongOption([{ id: 'times', label: t.people, style: lineStyle(2), values, total: null, faint: false }], axis, 'bars', look);
  }, [counts, edges]);
  const pick = (_: number, bin: number) => {
    if (!counts?.[bin]) return;
    onPeople?.({
      cell: { bin, ...(at === null ? {} : { step: at + 1 }), ...(series === null ? {} : { series }) },
      title: `${at === null ? t.fromFirst : t.fromStep(at, names[at - 1] ?? '', names[at] ?? '')} · ${t.between(span(edges[bin] ?? 0), span(edges[bin + 1] ?? 0))}`,
    });
  };
  return (
    <Card>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h5">{t.times}</Title>
        <NativeSelect
          size="xs" aria-label={t.times} value={of.steps[at ?? 1] === undefined ? WHOLE : picked} onChange={(event) => setPicked(event.currentTarget.value)}
          data={[{ value: WHOLE, label: t.fromFirst }, ...names.slice(1).map((name, i) => ({ value: String(i + 1), label: t.fromStep(i + 1, names[i] ?? '', name) }))]}
        />
      </Group>
      {counts === undefined ? <EmptyState title={t.noTime} /> : <EChart aside option={option} height={TIMES_PX} label={t.times} onPick={onPeople && pick} />}
    </Card>
  );
}
