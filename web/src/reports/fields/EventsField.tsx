import { MultiSelect } from '@mantine/core';
import { useDefinitions } from '../../api/queries';
import { EVENT_TYPES } from '../../api/types';
import { eventLabel, nameText, typeText } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';

interface EventsFieldProps {
  value: string[];
  onChange: (refs: string[]) => void;
  most: number;
  label: string;
  placeholder: string;
  testid?: string;
}

export function EventsField({ value, onChange, most, label, placeholder, testid }: EventsFieldProps) {
  const definitions = useDefinitions(useProject().id).data ?? [];
  const item = (ref: string) => ({ value: ref, label: eventLabel(ref) });
  const known = definitions.map((d) => nameText(d.name)).sort((a, b) => a.localeCompare(b));
  const types = EVENT_TYPES.map(typeText);
  const extra = value.filter((ref) => !known.includes(ref) && !types.includes(ref));
  return (
    <MultiSelect
      className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={label} data-testid={testid} value={value} maxValues={most} searchable clearable hidePickedOptions limit={200}
      placeholder={value.length === 0 ? placeholder : ''} nothingFoundMessage={texts.graph.eventNone} onChange={onChange} maxDropdownHeight={320}
      data={[{ group: texts.graph.definitions, items: [...known, ...extra].map(item) }, { group: texts.graph.types, items: types.map(item) }]}
    />
  );
}
