import { Select } from '@mantine/core';
import { useDefinitions, useValues } from '../../api/queries';
import { EVENT_TYPES } from '../../api/types';
import { ANY, customText, eventLabel, isKnownType, nameText, typeText } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { typeName } from '../../ui/TypeIcon';
import classes from '../reports.module.css';

const t = texts.graph;

interface EventFieldProps {
  /** As in the URL: see `readEvent`. */
  value: string;
  onChange: (value: string) => void;
  label?: string;
  testid?: string;
  /** A choice above all others. */
  first?: { value: string; label: string };
}

/** Chooses a definition, a type of events or any event. What a link brings and the list has not is shown all the same. */
export function EventField({ value, onChange, label = t.event, testid = 'report-event', first }: EventFieldProps) {
  const project = useProject();
  const names = (useDefinitions(project.id).data ?? []).map((definition) => nameText(definition.name));
  const custom = (useValues(project.id, 'name').data ?? []).filter((name) => typeof name === 'string' && name !== '').map((name) => customText(String(name)));
  const known = value === ANY || value === first?.value || isKnownType(value) || names.includes(value) || custom.includes(value);
  const items = [...names, ...(known ? [] : [value])].map((name) => ({ value: name, label: eventLabel(name) }));
  items.sort((a, b) => a.label.localeCompare(b.label));
  return (
    <Select
      className={classes.event} aria-label={label} value={value} searchable allowDeselect={false} onChange={(chosen) => chosen !== null && onChange(chosen)}
      nothingFoundMessage={t.eventNone} data-testid={testid} maxDropdownHeight={360} limit={200}
      data={[
        ...(first ? [first] : []),
        { value: ANY, label: t.anyEvent },
        { group: t.definitions, items },
        ...(custom.length === 0 ? [] : [{ group: t.customEvents, items: custom.map((name) => ({ value: name, label: eventLabel(name) })) }]),
        { group: t.types, items: EVENT_TYPES.map((type) => ({ value: typeText(type), label: typeName(type) })) },
      ]}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
    />
  );
}
