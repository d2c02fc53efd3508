import { Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { usePreview } from '../../api/queries';
import type { Usage } from '../../api/saved';
import type { Predicate, Preview } from '../../api/types';
import { changeOf, difference, samePredicate } from '../../model/definition';
import { eventKey } from '../../model/feed';
import { number, pageOf, whatOf } from '../../model/format';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import { When } from '../../ui/When';
import classes from './define.module.css';

const t = texts.definitions.impact;
const SHOWN = 3;

interface ImpactCardProps {
  before: Predicate;
  /** What stands in the form; null while it is nothing. */
  after: Predicate | null;
  used: Usage | null;
}

/** What saving would change: the numbers before and after, and which events come and go. */
export function ImpactCard({ before, after, used }: ImpactCardProps) {
  const changed = after !== null && !samePredicate(before, after);
  return (
    <Card label={t.title}>
      <Stack gap="sm" data-testid="impact">
        <Group justify="space-between" align="baseline">
          <Title order={2} size="h4">{t.title}</Title>
          <Text size="sm" c="dimmed">{t.days}</Text>
        </Group>
        {changed ? <Impact before={before} after={after} /> : <Text c="dimmed">{t.unchanged}</Text>}
        {used && used.reports.length > 0 && <Text size="sm">{t.used(used.reports.length, used.dashboards.length)}</Text>}
        {used && used.definitions.length > 0 && <Text size="sm" c="dimmed" className={classes.wrap}>{t.copies(used.definitions.map((one) => `“${one}”`).join(', '))}</Text>}
      </Stack>
    </Card>
  );
}

function Impact({ before, after }: { before: Predicate; after: Predicate }) {
  const project = useProject();
  const { added, lost } = difference(before, after);
  const all = [before, after, added, lost].map((predicate) => usePreview(project.id, predicate));
  const [was, is, more, less] = all;
  const failed = all.find((one) => one.isError);
  if (failed?.error) return <ErrorState error={failed.error} onRetry={() => all.forEach((one) => void one.refetch())} />;
  if (!was?.data || !is?.data || !more?.data || !less?.data) return <Skeleton height={140} aria-label={texts.loading} />;
  const stale = all.some((one: UseQueryResult<Preview>) => one.isPlaceholderData);
  return (
    <div style={{ opacity: stale ? 0.55 : 1 }} aria-busy={stale} data-settled={!stale}>
      <Table verticalSpacing={6} horizontalSpacing="xs" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            <Table.Th ta="right">{t.before}</Table.Th>
            <Table.Th ta="right">{t.after}</Table.Th>
            <Table.Th ta="right">{t.change}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Line name={t.events} before={was.data.count} after={is.data.count} />
          <Line name={t.users} before={was.data.users} after={is.data.users} />
        </Table.Tbody>
      </Table>
      {more.data.count + less.data.count === 0 && <Text size="sm" mt="sm">{t.same}</Text>}
      <Events title={t.added(more.data.count)} sign="+" preview={more.data} />
      <Events title={t.lost(less.data.count)} sign="−" preview={less.data} />
    </div>
  );
}

function Line({ name, before, after }: { name: string; before: number; after: number }) {
  const change = changeOf(before, after);
  const told = before === after ? t.none : change === null ? t.fromNothing : `${change > 0 ? '+' : ''}${change} %`;
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td ta="right" className={classes.number}>{number(before)}</Table.Td>
      <Table.Td ta="right" fw={600} className={classes.number}>{number(after)}</Table.Td>
      <Table.Td ta="right" c="dimmed" className={classes.number}>{told}</Table.Td>
    </Table.Tr>
  );
}

function Events({ title, sign, preview }: { title: string; sign: string; preview: Preview }) {
  if (preview.count === 0) return null;
  return (
    <div className={classes.difference}>
      <Text size="sm" fw={600}><span aria-hidden="true">{sign} </span>{title}<Text span size="sm" c="dimmed" fw={400}>, {t.latest}:</Text></Text>
      <ul className={classes.samples}>
        {preview.latest.slice(0, SHOWN).map((event) => (
          <li key={eventKey(event)}>
            <Text size="sm" truncate title={whatOf(event)}><bdi>{whatOf(event)}</bdi></Text>
            <Text size="xs" c="dimmed" truncate><bdi>{pageOf(event)}</bdi> · <When time={event.time} /></Text>
          </li>
        ))}
      </ul>
    </div>
  );
}
