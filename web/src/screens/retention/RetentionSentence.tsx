import { NativeSelect, SegmentedControl, Text } from '@mantine/core';
import {
  MODES, RETENTION_INTERVALS, RETURNED, SHOWS, type RetentionMode, type RetentionSearch, type Returned, type Shows,
} from '../../model/retention';
import { EventField } from '../../reports/fields/EventField';
import { GroupField } from '../../reports/fields/GroupField';
import { IntervalField } from '../../reports/fields/IntervalField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.reports.retention;
const PERIODS = [4, 8, 12, 24];
const OF_USERS = ['user', 'segment'] as const;

interface RetentionSentenceProps {
  search: RetentionSearch;
  onChange: (search: RetentionSearch, replace?: boolean) => void;
}

export function RetentionSentence({ search, onChange }: RetentionSentenceProps) {
  const periods = PERIODS.includes(search.periods) ? PERIODS : [...PERIODS, search.periods].sort((a, b) => a - b);
  const modes = search.interval === 'month' ? MODES.slice(0, 1) : MODES;
  return (
    <>
      <div className={classes.line}>
        <Text span>{t.lead}</Text>
        <EventField value={search.start} label={t.start} testid="retention-start" onChange={(start) => onChange({ ...search, start })} />
      </div>
      <div className={classes.line}>
        <Text span>{t.come}</Text>
        <NativeSelect
          aria-label={t.returned} value={search.returned} data={RETURNED.map((one) => ({ value: one, label: t.returnedAs[one] }))} data-testid="retention-returned"
          onChange={(event) => onChange({ ...search, returned: event.currentTarget.value as Returned })}
        />
        <Text span>{t.andDo}</Text>
        <EventField value={search.back} label={t.back} testid="retention-back" onChange={(back) => onChange({ ...search, back })} />
      </div>
      <div className={classes.line}>
        <Text span>{t.by}</Text>
        <IntervalField
          value={search.interval} of={RETENTION_INTERVALS}
          onChange={(interval) => onChange({ ...search, interval, ...(interval === 'month' ? { mode: 'calendar' as const } : {}) })}
        />
        <NativeSelect
          aria-label={t.mode} value={search.mode} data={modes.map((mode) => ({ value: mode, label: t.modes[mode] }))} data-testid="retention-mode"
          onChange={(event) => onChange({ ...search, mode: event.currentTarget.value as RetentionMode })}
        />
        <Text span>{t.for}</Text>
        <NativeSelect
          aria-label={t.periods} value={String(search.periods)} data={periods.map((n) => ({ value: String(n), label: t.periodsOf(search.interval, n) }))}
          data-testid="retention-periods" onChange={(event) => onChange({ ...search, periods: Number(event.currentTarget.value) })}
        />
        <Text span>{t.begun}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}><GroupField search={search} onChange={onChange} of={OF_USERS} /></div>
      <div className={classes.line}>
        <WhereField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <Text span>{t.show}</Text>
        <SegmentedControl
          size="xs" aria-label={t.show} value={search.show} data={SHOWS.map((one) => ({ value: one, label: t.shows[one] }))}
          onChange={(show) => onChange({ ...search, show: show as Shows }, true)} data-testid="retention-show"
        />
      </div>
    </>
  );
}
