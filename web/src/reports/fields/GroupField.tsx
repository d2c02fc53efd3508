import { MultiSelect, NativeSelect, Text } from '@mantine/core';
import { MAX_GROUPS, TOPS } from '../../model/report';
import { texts } from '../../texts';
import { KEY_KINDS, useGroupOptions, type KeyKind } from './groupOptions';
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
  of?: readonly KeyKind[];
}

/** By which properties or segments, and of how many groups; within a line of the sentence. */
export function GroupField<S extends Grouped>({ search, onChange, max = MAX_GROUPS, of = KEY_KINDS }: GroupFieldProps<S>) {
  const data = useGroupOptions(search.group, of);
  return (
    <>
      <Text span>{t.groupedBy}</Text>
      <MultiSelect
        className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.group} value={search.group} maxValues={max} searchable clearable
        hidePickedOptions placeholder={search.group.length === 0 ? t.groupPlaceholder : ''} nothingFoundMessage={t.groupNone} data-testid="report-group"
        onChange={(group) => onChange({ ...search, group })} limit={100} maxDropdownHeight={320}
        data={data}
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
