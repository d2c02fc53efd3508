import { NativeSelect, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useLists } from '../../api/people';
import { PropertyFields } from '../../conditions/PropertyFields';
import { COUNTS, type CountOp } from '../../model/segment';
import { UNITS, type PeriodState, type SegmentRow, type Span, type Unit } from '../../model/segmentRows';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { EventField } from '../../reports/fields/EventField';
import classes from './segments.module.css';

const t = texts.explore.segments;

interface FieldsProps {
  row: SegmentRow;
  onChange: (row: SegmentRow) => void;
}

export function SegmentFields({ row, onChange }: FieldsProps) {
  const event = <EventField value={row.event} onChange={(ref) => onChange({ ...row, event: ref })} testid="segment-event" />;
  const period = <PeriodFields value={row.period} onChange={(next) => onChange({ ...row, period: next })} />;
  switch (row.kind) {
    case 'user':
      return <PropertyFields row={row.user} onChange={(user) => onChange({ ...row, user })} />;
    case 'did':
      return (
        <>
          {event}
          <NativeSelect
            aria-label={t.howOften} value={row.op} data={COUNTS.map((op) => ({ value: op, label: texts.explore.segment.counts[op] }))} data-testid="segment-count"
            onChange={(e) => onChange({ ...row, op: e.currentTarget.value as CountOp })}
          />
          <NumberField label={t.times} value={row.n} least={0} onChange={(n) => onChange({ ...row, n })} testid="segment-n" />
          <Text span>{row.n === 1 ? t.time : t.times}</Text>
          {period}
        </>
      );
    case 'first':
      return <>{event}{period}</>;
    case 'then':
      return (
        <>
          {event}
          <Text span>{t.andThen}</Text>
          <EventField value={row.then} label={t.andThen} onChange={(ref) => onChange({ ...row, then: ref })} testid="segment-then" />
          <Text span>{t.within}</Text>
          <SpanFields label={t.within} value={row.within} onChange={(within) => onChange({ ...row, within })} />
          {period}
        </>
      );
    case 'list':
      return <ListField row={row} onChange={onChange} />;
    case 'people':
      return <Text span>{texts.explore.segment.these(row.people?.users.length ?? 0)}</Text>;
    case 'group':
      return null;
  }
}

function ListField({ row, onChange }: FieldsProps) {
  const lists = useLists(useProject().id).data ?? [];
  const names = lists.map((list) => list.name);
  if (row.list !== '' && !names.includes(row.list)) names.push(row.list);
  return (
    <Select
      aria-label={t.list} placeholder={t.listPlaceholder} value={row.list === '' ? null : row.list} data={names} searchable nothingFoundMessage={t.listNone}
      className={classes.list} onChange={(list) => onChange({ ...row, list: list ?? '' })} data-testid="segment-list"
    />
  );
}

function PeriodFields({ value, onChange }: { value: PeriodState; onChange: (value: PeriodState) => void }) {
  const day = (label: string, which: 'from' | 'to') => (
    <>
      <Text span>{label}</Text>
      <TextInput
        type="date" aria-label={label} value={value[which]} max="9999-12-31" className={classes.date}
        onChange={(event) => onChange({ ...value, [which]: event.currentTarget.value })}
      />
    </>
  );
  return (
    <>
      <NativeSelect
        aria-label={t.period} value={value.kind} data={(['ever', 'last', 'dates'] as const).map((kind) => ({ value: kind, label: t.periods[kind] }))}
        data-testid="segment-period" onChange={(event) => onChange({ ...value, kind: event.currentTarget.value as PeriodState['kind'] })}
      />
      {value.kind === 'last' && <SpanFields label={t.period} value={value.last} onChange={(last) => onChange({ ...value, last })} />}
      {value.kind === 'dates' && <>{day(t.from, 'from')}{day(t.before, 'to')}</>}
    </>
  );
}

/** A number of hours, days or weeks. */
export function SpanFields({ label, value, onChange }: { label: string; value: Span; onChange: (value: Span) => void }) {
  return (
    <>
      <NumberField label={label} value={value.n} least={1} onChange={(n) => onChange({ ...value, n })} />
      <NativeSelect
        aria-label={t.unit} value={value.unit} data={UNITS.map((unit) => ({ value: unit, label: t.units[unit] }))}
        onChange={(event) => onChange({ ...value, unit: event.currentTarget.value as Unit })}
      />
    </>
  );
}

interface NumberFieldProps {
  label: string;
  value: number;
  least: number;
  most?: number;
  onChange: (n: number) => void;
  testid?: string;
}

/** What is no number in bounds stays in the field, and counts for nothing. */
export function NumberField({ label, value, least, most = 9999, onChange, testid }: NumberFieldProps) {
  return (
    <NumberInput
      aria-label={label} value={value} min={least} max={most} allowDecimal={false} allowNegative={false} hideControls className={classes.n}
      {...(testid === undefined ? {} : { 'data-testid': testid })}
      onChange={(n) => typeof n === 'number' && n >= least && n <= most && onChange(n)}
    />
  );
}
