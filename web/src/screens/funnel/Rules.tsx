import { Button, MultiSelect, NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { useProperties } from '../../api/queries';
import { MAX_EXCLUDED, MAX_HELD, TREND_INTERVALS, type FunnelSearch, type TrendInterval } from '../../model/funnel';
import { EventsField } from '../../reports/fields/EventsField';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;

interface RulesProps {
  search: FunnelSearch;
  onChange: (search: FunnelSearch) => void;
}

/** The button that had it is gone. */
const takeFocus = (line: HTMLElement | null) => line?.focus({ preventScroll: true });

/** What else an attempt has to keep to, and whether its share is drawn over time. */
export function Rules({ search, onChange }: RulesProps) {
  const known = useProperties(useProject().id).data?.event ?? [];
  const [asked, setAsked] = useState(false);
  if (!asked && search.exclude.length === 0 && search.hold.length === 0 && search.trend === undefined) {
    return (
      <Button
        variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} style={{ alignSelf: 'flex-start' }} data-testid="funnel-rules"
        onClick={() => setAsked(true)}
      >
        {t.rules}
      </Button>
    );
  }
  return (
    <div className={classes.line} tabIndex={-1} ref={asked ? takeFocus : undefined}>
      <Text span>{t.without}</Text>
      <EventsField
        value={search.exclude} onChange={(exclude) => onChange({ ...search, exclude })} most={MAX_EXCLUDED} label={t.exclude} placeholder={t.excludeNothing} testid="funnel-exclude"
      />
      <Text span>{t.holding}</Text>
      <MultiSelect
        className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.hold} value={search.hold} maxValues={MAX_HELD} searchable clearable hidePickedOptions
        placeholder={search.hold.length === 0 ? t.holdNothing : ''} nothingFoundMessage={texts.graph.groupNone} limit={100} maxDropdownHeight={320} data-testid="funnel-hold"
        data={[...new Set([...known, ...search.hold])]} onChange={(hold) => onChange({ ...search, hold })}
      />
      <Text span>{t.trendLead}</Text>
      <NativeSelect
        aria-label={t.trend} value={search.trend ?? ''} data-testid="funnel-trend"
        data={[{ value: '', label: t.noTrend }, ...TREND_INTERVALS.map((one) => ({ value: one, label: t.trendBy(texts.graph.intervals[one]) }))]}
        onChange={(event) => {
          const { trend: _, ...rest } = search;
          onChange(event.currentTarget.value === '' ? rest : { ...rest, trend: event.currentTarget.value as TrendInterval });
        }}
      />
    </div>
  );
}
