import { Button, CloseButton, Group, MultiSelect, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useLists } from '../../api/people';
import { ConditionRows } from '../../conditions/ConditionRows';
import { newRow, readPredicate, toConditions, toPredicate, type Conditions } from '../../model/predicate';
import type { UsersSearch } from '../../model/users';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from './users.module.css';

const t = texts.users;
/** A pause in typing that is worth a question. */
const PAUSE_MS = 250;

interface UsersFilterProps {
  search: UsersSearch;
  columns: string[];
  known: string[];
  onChange: (search: UsersSearch, replace?: boolean) => void;
}

export function UsersFilter({ search, columns, known, onChange }: UsersFilterProps) {
  return (
    <Stack gap="sm">
      <div className={classes.filter}>
        <SearchField search={search} onChange={onChange} />
        <ListField search={search} onChange={onChange} />
        <MultiSelect
          aria-label={t.columns} data={[...new Set([...known, ...columns])]} value={columns} searchable hidePickedOptions maxValues={6} limit={100}
          placeholder={columns.length === 0 ? t.columnsPlaceholder : ''} nothingFoundMessage={t.columnsNone} leftSection={<Text span size="sm" c="dimmed" aria-hidden="true">{t.columns}</Text>} leftSectionWidth={84}
          className={classes.columns} classNames={{ inputField: classes.columnsField ?? '' }} onChange={(show) => onChange({ ...search, show }, true)} data-testid="users-columns"
        />
      </div>
      {search.segment !== undefined && <SegmentChip search={search} onChange={onChange} />}
      <Where search={search} onChange={onChange} />
    </Stack>
  );
}

type Part = Pick<UsersFilterProps, 'search' | 'onChange'>;

function SearchField({ search, onChange }: Part) {
  const [text, setText] = useState(search.q ?? '');
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  useEffect(() => setText(search.q ?? ''), [search.q]);
  const ask = useDebouncedCallback((next: string) => {
    const { q: _, ...rest } = search;
    onChange({ ...rest, page: 1, ...(next.trim() === '' ? {} : { q: next.trim() }) }, true);
  }, PAUSE_MS);
  return (
    <TextInput
      ref={field} type="search" className={classes.search} aria-label={t.search} placeholder={t.searchPlaceholder} value={text} aria-keyshortcuts="/"
      leftSection={<Icon name="search" size={16} />} data-testid="users-search" autoCapitalize="off" spellCheck={false}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}

function ListField({ search, onChange }: Part) {
  const lists = useLists(useProject().id).data ?? [];
  const named = search.list !== undefined && lists.every((list) => list.name !== search.list) ? [{ value: `=${search.list}`, label: search.list }] : [];
  if (lists.length === 0 && named.length === 0) return null;
  return (
    <NativeSelect
      aria-label={t.list} value={search.list === undefined ? '' : `=${search.list}`} data-testid="users-list" className={classes.list}
      data={[{ value: '', label: t.everybody }, ...named, ...lists.map((list) => ({ value: `=${list.name}`, label: t.listOption(list.name, list.size) }))]}
      onChange={(event) => {
        const { list: _, ...rest } = search;
        const value = event.currentTarget.value;
        onChange({ ...rest, page: 1, ...(value === '' ? {} : { list: value.slice(1) }) });
      }}
    />
  );
}

function SegmentChip({ search, onChange }: Part) {
  const { segment: _, name, ...rest } = search;
  return (
    <Group gap={6}>
      <Text size="sm">{t.segment}</Text>
      <span className={classes.chip}>
        <bdi>{name ?? t.segmentUnnamed}</bdi>
        <CloseButton size="xs" aria-label={t.dropSegment} icon={<Icon name="close" size={12} />} onClick={() => onChange({ ...rest, page: 1 })} />
      </span>
    </Group>
  );
}

/** Conditions on properties; the address has those that are whole. */
function Where({ search, onChange }: Part) {
  const told = search.where;
  const [rows, setRows] = useState<Conditions | null>(() => conditionsOf(told));
  const [said, setSaid] = useState(told);
  // The address was changed by somebody else: Back, or a link.
  if (told !== said) {
    setSaid(told);
    setRows(conditionsOf(told));
  }
  const change = (next: Conditions) => {
    const left = next.rows.length === 0 ? null : next;
    const predicate = left && toPredicate(left);
    const where = predicate === null ? undefined : JSON.stringify(predicate);
    setRows(left);
    setSaid(where);
    if (where === told) return;
    const { where: _, ...rest } = search;
    onChange({ ...rest, page: 1, ...(where === undefined ? {} : { where }) }, true);
  };
  if (rows === null) {
    return (
      <Button
        variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} style={{ alignSelf: 'flex-start' }} data-testid="users-where"
        onClick={() => setRows({ mode: 'all', rows: [newRow('user')] })}
      >
        {t.addWhere}
      </Button>
    );
  }
  return <ConditionRows value={rows} onChange={change} kinds={['user']} added="user" lead={t.whose} />;
}

function conditionsOf(where: string | undefined): Conditions | null {
  const predicate = readPredicate(where);
  return predicate && toConditions(predicate);
}
