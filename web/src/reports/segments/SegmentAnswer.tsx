import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { ReportAnswer, ReportQuery, UsersAnswer } from '../../api/answers';
import { allPeople, asOf, PEOPLE_PAGE, useAnswer } from '../../api/reports';
import { number } from '../../model/format';
import { segmentsTitle, type SegmentsSearch } from '../../model/segments';
import type { Table } from '../../model/table';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { Card } from '../../ui/Page';
import { EmptyState, ErrorState } from '../../ui/States';
import { download, fileName } from '../download';
import { Explain } from '../Explain';
import type { AnswerProps } from '../kinds';
import { Pages, peopleCsv, peopleTable, PeopleRows } from '../People';
import classes from '../reports.module.css';

const t = texts.reports.segments_;
const EXPORT_MOST = 100_000;

export function SegmentAnswer({ search, query, answer, compact = false }: AnswerProps<SegmentsSearch>) {
  const { users } = answer as UsersAnswer;
  const figure = (
    <div>
      <Text size="sm" c="dimmed">{t.inIt}</Text>
      <Text className={classes.total} data-testid="segment-total" data-settled="true">{number(users.total)}</Text>
    </div>
  );
  if (compact) return <>{figure}<Text size="sm" c="dimmed" className={classes.wrap}>{segmentsTitle(search)}</Text></>;
  return (
    <Card label={t.inIt}>
      <div className={classes.headline}>{figure}<Explain answer={answer} sentence={segmentsTitle(search)} /></div>
      {users.total === 0 ? <EmptyState title={t.emptyTitle} text={t.empty} /> : <Everybody key={search.who} search={search} query={query} answer={answer as UsersAnswer} />}
    </Card>
  );
}

/** The people of the segment, page by page, all of the answer's own instant. */
function Everybody({ search, query, answer }: { search: SegmentsSearch; query: ReportQuery; answer: UsersAnswer }) {
  const project = useProject();
  const [offset, setOffset] = useState(0);
  const [typed, setTyped] = useState('');
  const [found] = useDebouncedValue(typed.trim(), 80);
  const asked = 'users' in asOf(query, answer.as_of) ? (asOf(query, answer.as_of) as { users: object }).users : {};
  const first = offset === 0 && found === '';
  const page = useAnswer<UsersAnswer>(
    project.id, { users: { ...asked, limit: PEOPLE_PAGE, offset, ...(found === '' ? {} : { search: found }) } }, !first,
  );
  const shown = first ? answer : page.data;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <TextInput
          aria-label={texts.reports.people.search} placeholder={texts.reports.people.search} value={typed} leftSection={<Icon name="search" size={16} />} className={classes.find}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setOffset(0);
          }}
        />
        <SaveAll search={search} asked={asked} />
      </Group>
      {page.isError && !first && <ErrorState error={page.error} onRetry={() => void page.refetch()} />}
      {shown && (shown.users.users.length === 0 ? <Text c="dimmed">{texts.reports.people.none}</Text> : <PeopleRows people={shown.users.users} />)}
      <Pages offset={offset} total={shown?.users.total ?? answer.users.total} onChange={setOffset} />
    </Stack>
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
      download(fileName(segmentsTitle(search), 'csv'), peopleCsv(await allPeople(project.id, asked, 'users', EXPORT_MOST)));
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

/** The first page; the page itself saves all of them. */
export function segmentTables(_search: SegmentsSearch, _query: ReportQuery, answer: ReportAnswer): Table[] {
  return [peopleTable((answer as UsersAnswer).users.users)];
}
