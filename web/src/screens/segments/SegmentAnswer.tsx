import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { Person, UsersAnswer } from '../../api/people';
import { allPeople, useAnswer } from '../../api/reports';
import { duration, number, shortId, valueText } from '../../model/format';
import { personId } from '../../model/person';
import { peopleTable } from '../../model/peopleTable';
import { fileName, saveFile } from '../../model/save';
import { PEOPLE_PAGE, segmentsTitle, type SegmentsSearch } from '../../model/segments';
import { tableCsv } from '../../model/table';
import { csvFile } from '../../reports/csv';
import reports from '../../reports/reports.module.css';
import type { AnswerProps } from '../../reports/types';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkAnchor, LinkButton, userLink } from '../../ui/links';
import { Card } from '../../ui/Page';
import { EmptyState, ErrorState } from '../../ui/States';
import classes from './segments.module.css';

const t = texts.explore.segments;
const EXPORT_MOST = 100_000;
const SETTLE_MS = 80;
const SHOWN_PROPERTIES = 4;

export function SegmentAnswer({ search, query, answer, compact }: AnswerProps<SegmentsSearch, UsersAnswer>) {
  const { users, explain } = answer;
  const figure = (
    <div>
      <Text size="sm" c="dimmed">{t.inIt}</Text>
      <Text fz={30} fw={650} lh={1.25} className={reports.number} data-testid="segment-total">
        {compact && users.total > 0 ? <LinkAnchor {...listOf(search)} inherit className={reports.opens} aria-label={t.openList(users.total)}>{number(users.total)}</LinkAnchor> : number(users.total)}
      </Text>
    </div>
  );
  if (compact) return figure;
  return (
    <Card label={t.inIt}>
      <div className={reports.headline}>
        {figure}
        <Text size="sm" c="dimmed" className={reports.explain}>{segmentsTitle(search)}<br />{texts.reports.explain(number(explain.rows), duration(explain.total_ms))}</Text>
      </div>
      <AskAbout search={search} />
      {users.total === 0 ? <EmptyState title={t.emptyTitle} text={t.empty} /> : <Everybody key={search.who} search={search} asked={query['users'] ?? {}} answer={answer} />}
    </Card>
  );
}

/** Where the whole list is. */
const listOf = ({ who }: SegmentsSearch) => ({ to: '/users', search: (who === undefined ? {} : { segment: who, name: segmentsTitle({ who }) }) as never }) as const;

/** The same people in the list of users, and as those whose events a report counts. */
function AskAbout({ search: { who } }: { search: SegmentsSearch }) {
  if (who === undefined) return null;
  return (
    <Group gap="xs" mb="md">
      <Text size="sm" c="dimmed">{t.askAbout}</Text>
      <LinkButton {...listOf({ who })} variant="default" size="xs" data-testid="segment-users">{t.asUsers}</LinkButton>
      {(['graph', 'funnel', 'retention', 'paths'] as const).map((report) => (
        <LinkButton key={report} to={`/${report}`} search={{ who } as never} variant="default" size="xs" data-testid={`segment-${report}`}>{texts.nav[report]}</LinkButton>
      ))}
    </Group>
  );
}

/** The people of the segment, page by page, all of the answer's own instant. */
function Everybody({ search, asked, answer }: { search: SegmentsSearch; asked: object; answer: UsersAnswer }) {
  const project = useProject();
  const [offset, setOffset] = useState(0);
  const [typed, setTyped] = useState('');
  const [found] = useDebouncedValue(typed.trim(), SETTLE_MS);
  const query = useMemo(
    () => ({ users: { ...asked, as_of: answer.as_of, limit: PEOPLE_PAGE, offset, ...(found === '' ? {} : { search: found }) } }),
    [asked, answer.as_of, offset, found],
  );
  const page = useAnswer(project.id, query, search);
  const shown = page.data === undefined ? answer : (page.data.answer as UsersAnswer);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <TextInput
          type="search" aria-label={texts.reports.people.search} placeholder={texts.reports.people.searchPlaceholder} value={typed} className={classes.find}
          leftSection={<Icon name="search" size={16} />}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setOffset(0);
          }}
        />
        <SaveAll search={search} asked={{ ...asked, as_of: answer.as_of }} />
      </Group>
      {page.isError && <ErrorState error={page.error} onRetry={() => void page.refetch()} />}
      {shown.users.users.length === 0 ? <Text c="dimmed">{texts.reports.people.noMatch}</Text> : (
        <ul className={classes.people}>{shown.users.users.map((person) => <PersonRow key={personId(person)} person={person} />)}</ul>
      )}
      <Pages offset={offset} total={shown.users.total} onChange={setOffset} />
    </Stack>
  );
}

function PersonRow({ person }: { person: Person }) {
  const known = Object.entries(person.properties).filter(([name]) => !name.startsWith('initial_')).slice(0, SHOWN_PROPERTIES);
  return (
    <li data-testid="segment-person">
      <LinkAnchor {...userLink(person)} c="inherit" fw={600} size="sm"><bdi>{person.handle ?? texts.users.visitor(shortId(person.user_ids[0] ?? ''))}</bdi></LinkAnchor>
      <Text size="xs" c="dimmed">{known.length === 0 ? texts.users.ids(person.user_ids.length) : known.map(([name, value]) => `${name}: ${valueText(value)}`).join(' · ')}</Text>
    </li>
  );
}

function Pages({ offset, total, onChange }: { offset: number; total: number; onChange: (offset: number) => void }) {
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

function SaveAll({ search, asked }: { search: SegmentsSearch; asked: object }) {
  const project = useProject();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    setFailed(null);
    try {
      const people = await allPeople(project.id, asked, EXPORT_MOST);
      saveFile(`${fileName(project.name, segmentsTitle(search))}.csv`, csvFile(tableCsv(peopleTable(people))));
    } catch (error) {
      setFailed((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <Group gap="sm">
      {failed !== null && <Text size="sm" c="var(--mantine-color-error)" role="alert">{failed}</Text>}
      <Button size="xs" variant="default" loading={busy} onClick={() => void save()} data-testid="segment-csv">{t.exportAll}</Button>
    </Group>
  );
}
