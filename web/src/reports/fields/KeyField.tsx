import { Select } from '@mantine/core';
import { useProperties } from '../../api/queries';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';

interface KeyFieldProps {
  label: string;
  /** `event:browser` or `user:plan` */
  value: string;
  onChange: (key: string) => void;
  testid: string;
}

/** One property to group by. */
export function KeyField({ label, value, onChange, testid }: KeyFieldProps) {
  const known = useProperties(useProject().id).data ?? { event: [], user: [] };
  const options = (of: 'event' | 'user') =>
    [...new Set([...known[of].map((name) => `${of}:${name}`), ...(value.startsWith(`${of}:`) ? [value] : [])])].map((key) => ({ value: key, label: key.slice(of.length + 1) }));
  return (
    <Select
      className={classes.event} aria-label={label} value={value} searchable allowDeselect={false} nothingFoundMessage={texts.graph.groupNone} data-testid={testid} limit={200}
      onChange={(key) => key !== null && onChange(key)}
      data={[{ group: texts.graph.eventProperties, items: options('event') }, { group: texts.graph.userProperties, items: options('user') }]}
    />
  );
}
