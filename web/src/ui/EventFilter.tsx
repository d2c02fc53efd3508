import { NativeSelect } from '@mantine/core';
import { useDefinitions } from '../api/queries';
import { EVENT_TYPES } from '../api/types';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { typeName } from './TypeIcon';

const t = texts.live;

interface EventFilterProps {
  /** `type:click`, `event:Add to cart`, or nothing for all. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  size?: string;
  testid: string;
}

/** Chooses among types of events and definitions. */
export function EventFilter({ value, onChange, size = 'sm', testid }: EventFilterProps) {
  const definitions = useDefinitions(useProject().id).data ?? [];
  return (
    <NativeSelect
      size={size} aria-label={t.event} value={value ?? ''} data-testid={testid}
      data={[
        { value: '', label: t.allEvents },
        { group: t.types, items: EVENT_TYPES.map((type) => ({ value: `type:${type}`, label: typeName(type) })) },
        ...(definitions.length === 0 ? [] : [{ group: t.definitions, items: definitions.map(({ name }) => ({ value: `event:${name}`, label: name })) }]),
      ]}
      onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
    />
  );
}
