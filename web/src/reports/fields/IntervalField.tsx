import { NativeSelect } from '@mantine/core';
import { INTERVALS, type Interval } from '../../api/types';
import { texts } from '../../texts';

interface IntervalFieldProps<T extends string> {
  value: T;
  onChange: (interval: T) => void;
  all?: readonly T[];
  label?: string;
}

export function IntervalField<T extends string = Interval>({ value, onChange, all = INTERVALS as unknown as readonly T[], label = texts.graph.interval }: IntervalFieldProps<T>) {
  return (
    <NativeSelect
      aria-label={label} value={value} data={all.map((i) => ({ value: i, label: (texts.graph.intervals as Record<string, string>)[i] ?? i }))}
      data-testid="report-interval" onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}
