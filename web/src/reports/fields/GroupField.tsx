import { MultiSelect, NativeSelect, Text } from '@mantine/core';
import { useProperties } from '../../api/queries';
import { MAX_GROUPS, toGroupKey, TOPS } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';

const t = texts.graph;

interface Grouped {
  group: string[];
  top: number;
}

interface GroupFieldProps<S> {
  search: S;
  onChange: (search: S) => void;
  max?: number;
  /** Which properties can be chosen: some reports have none of one event. */
  of?: readonly ('event' | 'user')[];
}

const BOTH = ['event', 'user'] as const;

/** By which properties, and of how many groups; within a line of the sentence. */
export function GroupField<S extends Grouped>({ search, onChange, max = MAX_GROUPS, of = BOTH }: GroupFieldProps<S>) {
  const project = useProject();
  const known = useProperties(project.id).data ?? { event: [], user: [] };
  const options = (kind: 'event' | 'user') => {
    const chosen = search.group.map(toGroupKey).flatMap((key) => (key !== null && kind in key ? (Object.values(key) as string[]) : []));
    return [...new Set([...known[kind], ...chosen])].map((name) => ({ value: `${kind}:${name}`, label: name }));
  };
  const headings = { event: t.eventProperties, user: t.userProperties };
  return (
    <>
      <Text span>{t.groupedBy}</Text>
      <MultiSelect
        className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.group} value={search.group} maxValues={max} searchable clearable
        hidePickedOptions placeholder={search.group.length === 0 ? t.groupPlaceholder : ''} nothingFoundMessage={t.groupNone} data-testid="report-group"
        onChange={(group) => onChange({ ...search, group })} limit={100} maxDropdownHeight={320}
        data={of.map((kind) => ({ group: headings[kind], items: options(kind) }))}
      />
      {search.group.length > 0 && (
        <>
          <Text span>{t.top}</Text>
          <NativeSelect
            aria-label={t.topLabel} value={String(search.top)} data={TOPS.map(String)} data-testid="report-top"
            onChange={(event) => onChange({ ...search, top: Number(event.currentTarget.value) })}
          />
        </>
      )}
    </>
  );
}
