import { Select } from '@mantine/core';
import { texts } from '../../texts';
import { useGroupOptions } from './groupOptions';
import classes from '../reports.module.css';

interface KeyFieldProps {
  label: string;
  /** See `toGroupKey`. */
  value: string;
  onChange: (key: string) => void;
  testid: string;
}

/** One property, or segment, to group by. */
export function KeyField({ label, value, onChange, testid }: KeyFieldProps) {
  const data = useGroupOptions([value]);
  return (
    <Select
      className={classes.event} aria-label={label} value={value} searchable allowDeselect={false} nothingFoundMessage={texts.graph.groupNone} data-testid={testid} limit={200}
      onChange={(key) => key !== null && onChange(key)}
      data={data}
    />
  );
}
