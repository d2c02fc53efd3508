/** Every number opens its people: `usePeopleOf()` gives what opens them, `WithPeople` holds the drawer. */
import { Button, Drawer, Group, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import type { PeopleCell, Person, ReportAnswer, ReportQuery } from '../api/answers';
import { allPeople, asOf, PEOPLE_PAGE, usePeople, type PeopleQuestion } from '../api/reports';
import { shortId, valueText } from '../model/format';
import { toCsv, type Table } from '../model/table';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { LinkAnchor, userLink } from '../ui/links';
import { ErrorState, LoadingRows } from '../ui/States';
import { download } from './download';
import classes from './reports.module.css';

const t = texts.reports.people;
const EXPORT_MOST = 100_000;
const SETTLE_MS = 80;

/** Opens the people of a cell, under a title that says which number it is. */
export type OpenPeople = (cell: PeopleCell, title: string, of?: ReportQuery) => void;

const PeopleContext = createContext<OpenPeople>(() => {});
export const usePeopleOf = () => useContext(PeopleContext);

interface Opened {
  question: PeopleQuestion;
  title: string;
}

export function WithPeople({ query, answer, children }: { query: ReportQuery; answer: ReportAnswer; children: ReactNode }) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [shown, setShown] = useState(false);
  const open: OpenPeople = useCallback((cell, title, of = query) => {
    setOpened({ question: { of: asOf(of, answer.as_of), cell }, title });
    setShown(true);
  }, [query, answer.as_of]);
  return (
    <PeopleContext value={open}>
      {children}
      <Drawer
        opened={shown} onClose={() => setShown(false)} position="right" size="md" title={t.title}
        closeButtonProps={{ 'aria-label': texts.close }} classNames={{ title: classes.drawerTitle ?? '' }}
      >
        {opened && <People key={JSON.stringify(opened.question)} {...opened} />}
      </Drawer>
    </PeopleContext>
  );
}

function People({ question, title }: Opened) {
  const project = useProject();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), SETTLE_MS);
  const [offset, setOffset] = useState(0);
  const [start, setStart] = useState(search);
  if (start !== search) {
    setStart(search);
    setOffset(0);
  }
  const people = usePeople(project.id, question, search, offset);
  const found = people.data?.users;
  return (
    <Stack gap="md" data-testid="people">
      <Text className={classes.wrap}>{title}</Text>
      <Group justify="space-between" wrap="nowrap">
        <Text fz={24} fw={650} data-testid="people-total" data-settled={people.isSuccess && !people.isPlaceholderData}>
          {found ? t.total(found.total) : <Loader size="sm" aria-label={texts.loading} />}
        </Text>
        {found && found.total > 0 && <ExportPeople question={question} />}
      </Group>
      <TextInput
        aria-label={t.search} placeholder={t.search} value={typed} leftSection={<Icon name="search" size={16} />}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {people.isError ? <ErrorState error={people.error} onRetry={() => void people.refetch()} /> : !found ? <LoadingRows /> : found.users.length === 0 ? (
        <Text c="dimmed">{search === '' ? t.noneAtAll : t.none}</Text>
      ) : (
        <>
          <PeopleRows people={found.users} />
          <Pages offset={offset} total={found.total} onChange={setOffset} />
        </>
      )}
    </Stack>
  );
}

export function PeopleRows({ people }: { people: Person[] }) {
  return (
    <ul className={classes.people} aria-label={t.title}>
      {people.map((person) => (
        <li key={person.handle ?? person.user_ids[0]} data-testid="person">
          <LinkAnchor {...(userLink(person) as unknown as { to: '/' })} className={classes.person}>
            <bdi>{person.handle ?? `${t.unnamed} ${shortId(person.user_ids[0] ?? '')}`}</bdi>
          </LinkAnchor>
          <Text size="xs" c="dimmed" className={classes.facts}>
            {Object.entries(person.properties).slice(0, 4).map(([name, value]) => `${name}: ${valueText(value)}`).join(' · ')}
          </Text>
        </li>
      ))}
    </ul>
  );
}

export function Pages({ offset, total, onChange }: { offset: number; total: number; onChange: (offset: number) => void }) {
  if (total <= PEOPLE_PAGE) return null;
  const last = Math.min(offset + PEOPLE_PAGE, total);
  return (
    <Group justify="space-between">
      <Button size="xs" variant="default" disabled={offset === 0} onClick={() => onChange(Math.max(0, offset - PEOPLE_PAGE))}>{t.earlier}</Button>
      <Text size="sm" c="dimmed">{t.page(offset + 1, last, total)}</Text>
      <Button size="xs" variant="default" disabled={last >= total} onClick={() => onChange(offset + PEOPLE_PAGE)}>{t.next}</Button>
    </Group>
  );
}

function ExportPeople({ question }: { question: PeopleQuestion }) {
  const project = useProject();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    setFailed(null);
    try {
      download('people.csv', peopleCsv(await allPeople(project.id, question, 'people', EXPORT_MOST)));
    } catch (error) {
      setFailed((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <div>
      <Button size="xs" variant="default" loading={busy} onClick={() => void save()}>{t.exportCsv}</Button>
      {failed !== null && <Text size="xs" c="var(--mantine-color-error)" role="alert">{failed}</Text>}
    </div>
  );
}

export const peopleCsv = (people: Person[]) => toCsv([peopleTable(people)]);

export function peopleTable(people: Person[]): Table {
  const names = [...new Set(people.flatMap((person) => Object.keys(person.properties)))].sort();
  return {
    caption: t.title, corner: t.handle,
    columns: [t.ids, ...names].map((label) => ({ label })),
    rows: people.map((person) => ({
      id: '', label: person.handle ?? '',
      cells: [person.user_ids.join(' '), ...names.map((name) => text(person.properties[name]))].map((value) => ({ value })),
    })),
  };
}

const text = (value: Person['properties'][string] | undefined) =>
  value === undefined || value === null ? null : typeof value === 'number' ? value : valueText(value);
