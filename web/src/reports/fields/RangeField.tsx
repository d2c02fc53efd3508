import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { isDate } from '../../model/time';
import { RANGES, rangeOf, type RangeSearch } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';

const t = texts.graph;
const CUSTOM = 'custom';

interface RangeFieldProps<S> {
  search: S;
  onChange: (search: S, replace?: boolean) => void;
}

export function RangeField<S extends RangeSearch>({ search, onChange }: RangeFieldProps<S>) {
  const { zone } = useProject();
  const { days, from: _from, to: _to, ...rest } = search;
  const range = rangeOf(search, { zone, now: Date.now() });
  const presets = days === undefined || RANGES.some((n) => n === days) ? [...RANGES] : [...RANGES, days].sort((a, b) => a - b);
  const set = (next: RangeSearch, replace = false) => onChange({ ...rest, ...next } as S, replace);
  return (
    <>
      <NativeSelect
        aria-label={t.range} value={days === undefined ? CUSTOM : String(days)} data-testid="report-range"
        data={[...presets.map((n) => ({ value: String(n), label: t.lastDays(n) })), { value: CUSTOM, label: t.custom }]}
        onChange={(event) => set(event.currentTarget.value === CUSTOM ? range : { days: Number(event.currentTarget.value) })}
      />
      {days === undefined && <DateFields key={`${range.from} ${range.to}`} range={range} onChange={(next) => set(next, true)} />}
    </>
  );
}

/** Dates count once both are whole and in order; until then they stay in the fields. */
function DateFields({ range, onChange }: { range: { from: string; to: string }; onChange: (range: { from: string; to: string }) => void }) {
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const wrong = isDate(from) && isDate(to) && from > to;
  const settle = () => {
    if (isDate(from) && isDate(to) && from <= to && (from !== range.from || to !== range.to)) onChange({ from, to });
  };
  const field = (label: string, value: string, set: (value: string) => void) => (
    <>
      <Text span>{label}</Text>
      <TextInput
        type="date" aria-label={label} value={value} max="9999-12-31" className={classes.date}
        onChange={(event) => set(event.currentTarget.value)} onBlur={settle}
        onKeyDown={(event) => event.key === 'Enter' && settle()} error={wrong}
      />
    </>
  );
  return (
    <>
      {field(t.from, from, setFrom)}
      {field(t.through, to, setTo)}
      {wrong && <Text span size="sm" c="var(--mantine-color-error)" role="alert">{t.rangeWrong}</Text>}
    </>
  );
}
