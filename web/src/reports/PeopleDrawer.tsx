import { Button, Drawer, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { Person } from '../api/people';
import { usePeople } from '../api/reports';
import { shortId, valueText } from '../model/format';
import { personId } from '../model/person';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { LinkAnchor, userLink } from '../ui/links';
import { ErrorState, LoadingRows } from '../ui/States';
import type { PeopleAsk, Query } from './types';
import classes from './reports.module.css';

const t = texts.reports.people;
const PAUSE_MS = 200;
const SHOWN_PROPERTIES = 3;

interface PeopleDrawerProps {
  /** The number whose people are shown; null while it is closed. */
  ask: PeopleAsk | null;
  query: Query;
  asOf: number;
  onClose: () => void;
}

/** The people behind a number of an answer, as of the answer. */
export function PeopleDrawer({ ask, query, asOf, onClose }: PeopleDrawerProps) {
  return (
    <Drawer
      opened={ask !== null} onClose={onClose} position="right" size="md" title={<bdi className={classes.peopleTitle}>{ask?.title}</bdi>}
      closeButtonProps={{ 'aria-label': texts.close }} overlayProps={{ backgroundOpacity: 0.35 }}
    >
      {ask !== null && <People key={JSON.stringify(ask.cell)} ask={ask} query={query} asOf={asOf} />}
    </Drawer>
  );
}

function People({ ask, query, asOf }: { ask: PeopleAsk; query: Query; asOf: number }) {
  const project = useProject();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), PAUSE_MS);
  const people = usePeople(project.id, query, asOf, ask.cell, search);
  const pages = people.data?.pages ?? [];
  const total = pages[0]?.total;
  const users = pages.flatMap((page) => page.users);
  return (
    <Stack gap="md" data-testid="people">
      <TextInput
        type="search" aria-label={t.search} placeholder={t.searchPlaceholder} leftSection={<Icon name="search" size={16} />} value={text}
        onChange={(event) => setText(event.currentTarget.value)} autoCapitalize="off" spellCheck={false}
      />
      {people.isError && <ErrorState error={people.error} onRetry={() => void people.refetch()} />}
      {people.isPending && <LoadingRows rows={8} height={24} />}
      {total !== undefined && (
        <Text size="sm" c="dimmed" role="status" data-testid="people-total">{total === 0 ? (search === '' ? t.empty : t.noMatch) : t.found(total)}</Text>
      )}
      {users.length > 0 && <ul className={classes.people}>{users.map((user) => <PersonRow key={personId(user)} person={user} />)}</ul>}
      {people.hasNextPage && (
        <Button variant="default" loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()} data-testid="people-more">
          {t.more}
        </Button>
      )}
      {total !== undefined && users.length < total && <Text size="xs" c="dimmed" ta="center">{t.shown(users.length, total)}</Text>}
    </Stack>
  );
}

function PersonRow({ person }: { person: Person }) {
  const known = Object.entries(person.properties).filter(([name]) => !name.startsWith('initial_')).slice(0, SHOWN_PROPERTIES);
  return (
    <li data-testid="people-person">
      <LinkAnchor {...userLink(person)} c="inherit" fw={600} size="sm" className={classes.wrap}>
        <bdi>{person.handle ?? texts.users.visitor(shortId(person.user_ids[0] ?? ''))}</bdi>
      </LinkAnchor>
      <Text size="xs" c="dimmed" className={classes.wrap}>
        {known.length === 0
          ? (person.handle === null ? texts.users.anonymous : texts.users.ids(person.user_ids.length))
          : known.map(([name, value]) => `${name}: ${valueText(value)}`).join(' · ')}
      </Text>
    </li>
  );
}
