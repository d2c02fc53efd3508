import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useDefinitions, useValues } from '../../api/queries';
import { EVENT_TYPES } from '../../api/types';
import { ANY_EVENT, customRef, definitionOf, definitionRef, eventLabel, typeRef, type EventRef } from '../../model/eventRef';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { typeName } from '../../ui/TypeIcon';
import classes from '../reports.module.css';

const t = texts.graph;

interface EventFieldProps {
  value: EventRef | null;
  onChange: (ref: EventRef) => void;
  label?: string;
  testid?: string;
  /** A choice above all others, with its own value. */
  first?: { value: string; label: string };
  placeholder?: string;
}

/** Definitions, types and custom events in one list. */
export function EventField({ value, onChange, label = t.event, testid = 'report-event', first, placeholder = t.event }: EventFieldProps) {
  const project = useProject();
  const definitions = useDefinitions(project.id);
  const custom = useValues(project.id, 'name');
  const data = useMemo(() => {
    const known = (definitions.data ?? []).map((d) => definitionRef(d.name)).sort((a, b) => a.localeCompare(b));
    const named = (custom.data ?? []).filter((v): v is string => typeof v === 'string' && v !== '').map(customRef);
    const types = EVENT_TYPES.map((type) => ({ value: typeRef(type), label: typeName(type) }));
    const all = [...known, ...named, ...types.map((one) => one.value), ANY_EVENT];
    // A reference that the address has and the project does not is shown all the same; the page says what is wrong.
    const extra = value !== null && !all.includes(value) && value !== first?.value ? [value] : [];
    const item = (ref: EventRef) => ({ value: ref, label: eventLabel(ref) });
    return [
      ...(first ? [first] : []),
      { value: ANY_EVENT, label: t.anyEvent },
      { group: t.definitions, items: [...known, ...extra].map(item) },
      ...(named.length === 0 ? [] : [{ group: texts.reports.customEvents, items: named.map(item) }]),
      { group: t.types, items: types },
    ];
  }, [definitions.data, custom.data, value, first]);
  return (
    <Select
      className={classes.event} aria-label={label} value={value} onChange={(ref) => ref !== null && onChange(ref)} searchable allowDeselect={false}
      nothingFoundMessage={t.eventNone} data-testid={testid} maxDropdownHeight={360} limit={200} data={data} placeholder={placeholder}
      comboboxProps={{ width: 300, position: 'bottom-start' }} title={value === null ? '' : (definitionOf(value) ?? '')}
    />
  );
}
