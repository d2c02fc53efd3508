import { NativeSelect } from '@mantine/core';
import { INTERVALS, type Interval } from '../../api/types';
import { texts } from '../../texts';

const t = texts.graph;

interface IntervalFieldProps<I extends Interval> {
  value: I;
  onChange: (value: I) => void;
  of?: readonly I[];
}

export function IntervalField<I extends Interval>({ value, onChange, of = INTERVALS as unknown as readonly I[] }: IntervalFieldProps<I>) {
  return (
    <NativeSelect
      aria-label={t.interval} value={value} data={of.map((i) => ({ value: i, label: t.intervals[i] }))}
      data-testid="report-interval" onChange={(event) => onChange(event.currentTarget.value as I)}
    />
  );
}
