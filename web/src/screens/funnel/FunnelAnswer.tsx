import { NativeSelect, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { FunnelAnswer as Answer } from '../../api/types';
import { duration, number, percent, span } from '../../model/format';
import { toBars, toGroups, type FunnelSearch } from '../../model/funnel';
import { eventLabel } from '../../model/report';
import { Dated } from '../../reports/Dated';
import { NumberButton } from '../../reports/NumberButton';
import type { AnswerProps } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import classes from '../../reports/reports.module.css';
import { FunnelChart } from './FunnelChart';
import { FunnelGroups } from './FunnelGroups';
import { FunnelTable } from './FunnelTable';
import { TimeChart } from './TimeChart';
import { TrendChart } from './TrendChart';

const t = texts.reports.funnel;
/** Groups beside each other, or all together with their states. */
const BESIDE = 'beside';
const TOGETHER = 'together';

export function FunnelAnswer({ answer, search, compact, onPeople }: AnswerProps<FunnelSearch, Answer>) {
  const { funnel, explain } = answer;
  const grouped = search.group.length > 0;
  const [picked, setPicked] = useState(BESIDE);
  const names = search.step.map(eventLabel);
  const total = useMemo(() => toBars(funnel.total), [funnel.total]);
  const groups = useMemo(() => (grouped ? toGroups(funnel.series, search.group) : []), [funnel.series, search.group, grouped]);
  const one = groups.find((group) => group.id === picked);
  const beside = grouped && one === undefined && picked !== TOGETHER;
  const first = total[0]?.reached ?? 0;
  const last = total.at(-1)?.reached ?? 0;
  if (first === 0) return compact ? <EmptyState title={t.emptyTitle} /> : <Card><EmptyState title={t.emptyTitle} text={t.empty(names[0] ?? '')} /></Card>;
  const chart = <FunnelChart names={names} bars={one?.bars ?? total} cell={one?.cell ?? {}} groups={beside ? groups : null} compact={compact} onPeople={onPeople} />;
  const headline = (
    <div className={classes.headline} data-compact={compact || undefined}>
      <div>
        {!compact && <Text size="sm" c="dimmed">{t.converted_(names.length)}</Text>}
        <Text fz={compact ? 22 : 30} fw={650} lh={1.25} className={classes.number} data-testid="funnel-conversion">
          <NumberButton value={percent(last, first)} onPeople={onPeople} ask={last === 0 ? null : { cell: { step: names.length }, title: `${names.length}. ${names.at(-1) ?? ''}` }} />
        </Text>
        {!compact && <Text size="sm" c="dimmed">{funnel.conversion.median_ms === null ? t.noTime : t.took(span(funnel.conversion.median_ms), span(funnel.conversion.p90_ms ?? 0))}</Text>}
      </div>
      {!compact && <Text size="sm" c="dimmed" className={classes.explain}><Dated text={explain.sentence} /><br />{texts.reports.explain(number(explain.rows), duration(explain.total_ms))}</Text>}
    </div>
  );
  if (compact) return <>{headline}{chart}</>;
  return (
    <>
      <Card>
        {headline}
        {grouped && (
          <NativeSelect
            size="xs" className={classes.picker} aria-label={t.bars} value={picked} onChange={(event) => setPicked(event.currentTarget.value)} data-testid="funnel-bars"
            data={[{ value: BESIDE, label: t.beside }, { value: TOGETHER, label: t.together }, ...groups.map((group) => ({ value: group.id, label: group.label }))]}
          />
        )}
        {chart}
      </Card>
      {grouped && <Card padded={false} label={t.groups}><FunnelGroups groups={groups} total={total} names={names} search={search} onPeople={onPeople} /></Card>}
      <Card padded={false} label={t.tableLabel}>
        <FunnelTable bars={one?.bars ?? total} names={names} cell={one?.cell ?? {}} title={one?.label ?? null} onPeople={onPeople} />
      </Card>
      {search.trend !== undefined && <TrendChart funnel={funnel} interval={search.trend} groups={beside ? groups : one === undefined ? [] : [one]} onPeople={onPeople} />}
      <TimeChart funnel={funnel} names={names} series={one === undefined ? null : groups.indexOf(one)} onPeople={onPeople} />
    </>
  );
}
