import { SegmentedControl } from '@mantine/core';
import classes from '../reports.module.css';

interface ViewsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** Which of several views of one question is shown. */
export function Views<T extends string>({ label, value, options, onChange }: ViewsProps<T>) {
  return <SegmentedControl aria-label={label} className={classes.views} value={value} data={[...options]} onChange={(next) => onChange(next as T)} />;
}
