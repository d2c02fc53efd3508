import { Table, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Person } from '../../api/people';
import { number, shortId, valueText } from '../../model/format';
import { personId } from '../../model/person';
import type { UsersSearch } from '../../model/users';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkAnchor, userLink } from '../../ui/links';
import { When } from '../../ui/When';
import classes from './users.module.css';

const t = texts.users;

interface UsersTableProps {
  users: Person[];
  columns: string[];
  search: UsersSearch;
  onSort: (sort: string) => void;
}

export function UsersTable({ users, columns, search, onSort }: UsersTableProps) {
  const head = { search, onSort };
  // The order of events brings when each was seen; other orders do without, so their columns would be empty.
  const seen = users.some((user) => user.seen !== undefined);
  return (
    <div className={classes.scroll}>
      <Table verticalSpacing="xs" horizontalSpacing="md" className={classes.table} aria-label={t.tableLabel}>
        <Table.Thead>
          <Table.Tr>
            <Head {...head} sort="handle" kind="person">{t.person}</Head>
            {columns.map((name) => <Head key={name} {...head} sort={`user:${name}`} wide><bdi>{name}</bdi></Head>)}
            <Head {...head} sort="events" kind="number" wide>{t.events}</Head>
            <Head {...head} sort="first_seen" kind="time" wide>{t.firstSeen}</Head>
            <Head {...head} sort="last_seen" kind="time">{t.lastSeen}</Head>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={personId(user)} data-testid="user-row">
              <Table.Td className={classes.person}><PersonCell user={user} /></Table.Td>
              {columns.map((name) => <Table.Td key={name} className={classes.property} visibleFrom="sm"><Property user={user} name={name} /></Table.Td>)}
              <Table.Td ta="right" className={classes.number} visibleFrom="sm">{seen && number(user.seen?.events ?? 0)}</Table.Td>
              <Table.Td ta="right" className={classes.time} visibleFrom="sm">{seen && <Time time={user.seen?.first} />}</Table.Td>
              <Table.Td ta="right" className={classes.time}>{seen && <Time time={user.seen?.last} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function PersonCell({ user }: { user: Person }) {
  const name = user.handle ?? t.visitor(shortId(user.user_ids[0] ?? ''));
  return (
    <>
      <LinkAnchor {...userLink(user)} c="inherit" fw={600} size="sm" className={classes.name} title={user.handle ?? user.user_ids[0] ?? ''}>
        <bdi>{name}</bdi>
      </LinkAnchor>
      <Text size="xs" c="dimmed">{user.handle === null ? t.anonymous : t.ids(user.user_ids.length)}</Text>
    </>
  );
}

function Property({ user, name }: { user: Person; name: string }) {
  const value = user.properties[name];
  if (value === undefined) return <Text span size="sm" c="dimmed" aria-hidden="true">–</Text>;
  const text = valueText(value);
  return <bdi title={text}>{text}</bdi>;
}

function Time({ time }: { time: number | null | undefined }) {
  return time === null || time === undefined ? <Text span size="sm" c="dimmed">{t.never}</Text> : <When time={time} />;
}

interface HeadProps {
  sort: string;
  search: UsersSearch;
  onSort: (sort: string) => void;
  kind?: 'person' | 'number' | 'time' | 'property';
  /** Not on phones. */
  wide?: boolean;
  children: ReactNode;
}

function Head({ sort, search, onSort, kind = 'property', wide = false, children }: HeadProps) {
  const sorted = search.sort === sort;
  const direction = search.dir === 'asc' ? 'ascending' : 'descending';
  return (
    <Table.Th data-kind={kind} aria-sort={sorted ? direction : 'none'} {...(wide ? { visibleFrom: 'sm' } : {})}>
      <UnstyledButton className={classes.head} data-right={kind === 'number' || kind === 'time' || undefined} data-sorted={sorted || undefined} onClick={() => onSort(sort)}>
        <span className={classes.headText}>{children}</span>
        <span className={classes.arrow} data-up={(sorted && search.dir === 'asc') || undefined}><Icon name="chevron" size={12} /></span>
      </UnstyledButton>
    </Table.Th>
  );
}
