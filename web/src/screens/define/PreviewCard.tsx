import { Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Preview } from '../../api/types';
import { eventKey } from '../../model/feed';
import { duration, number, pageOf, personOf, whatOf } from '../../model/format';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import { TypeIcon } from '../../ui/TypeIcon';
import { When } from '../../ui/When';
import classes from './define.module.css';

const t = texts.define;

interface PreviewCardProps {
  preview: UseQueryResult<Preview>;
  /** False while there is no complete condition. */
  asked: boolean;
  /** False while the shown numbers are of what stood in the form a moment ago. */
  settled: boolean;
  selectorError: boolean;
}

export function PreviewCard({ preview, asked, settled, selectorError }: PreviewCardProps) {
  const stale = !settled || preview.isPlaceholderData;
  return (
    <Card label={t.preview}>
      <Stack gap="md" className={classes.preview}>
        <Group justify="space-between" align="baseline">
          <Title order={2} size="h4">{t.preview}</Title>
          <Text size="sm" c="dimmed">{t.previewDays}</Text>
        </Group>
        {!asked ? (
          <Text c="dimmed">{t.previewEmpty}</Text>
        ) : preview.isError ? (
          !selectorError ? <ErrorState error={preview.error} onRetry={() => void preview.refetch()} /> : <Text c="dimmed">{t.previewSelector}</Text>
        ) : preview.isPending ? (
          <Skeleton height={44} width={220} aria-label={texts.loading} />
        ) : (
          <div style={{ opacity: stale ? 0.55 : 1, transition: 'opacity 120ms' }} aria-busy={stale}>
            <Numbers preview={preview.data} stale={stale} />
            {preview.data.latest.length > 0 ? <Latest preview={preview.data} /> : <Text c="dimmed" mt="md">{t.noMatch}</Text>}
          </div>
        )}
      </Stack>
    </Card>
  );
}

function Numbers({ preview, stale }: { preview: Preview; stale: boolean }) {
  return (
    <div role="status">
      <Group gap="xl" align="baseline">
        <Figure value={preview.count} unit={t.events} testid="preview-count" stale={stale} />
        <Figure value={preview.users} unit={t.users} testid="preview-users" stale={stale} />
      </Group>
      <Text size="xs" c="dimmed" mt={2}>{t.answered(duration(preview.total_ms))}</Text>
    </div>
  );
}

function Figure({ value, unit, testid, stale }: { value: number; unit: string; testid: string; stale: boolean }) {
  return (
    <Group gap={6} align="baseline" wrap="nowrap">
      <Text span fz={30} fw={650} lh={1.2} className={classes.number} data-testid={testid} data-settled={!stale}>{number(value)}</Text>
      <Text span c="dimmed">{unit}</Text>
    </Group>
  );
}

function Latest({ preview }: { preview: Preview }) {
  return (
    <div className={classes.latest} tabIndex={0} role="group" aria-label={t.latest}>
      <Table verticalSpacing={6} horizontalSpacing="xs" layout="fixed" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40} aria-label={t.kinds.type} />
            <Table.Th>{t.colWhat}</Table.Th>
            <Table.Th w={118} ta="right">{t.colWhen}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.latest.map((event) => (
            <Table.Tr key={eventKey(event)}>
              <Table.Td><TypeIcon type={event.type} /></Table.Td>
              <Table.Td>
                <Text size="sm" truncate title={whatOf(event)}><bdi>{whatOf(event)}</bdi></Text>
                <Text size="xs" c="dimmed" truncate title={`${pageOf(event)}\n${event.person ?? event.user_id}`}>
                  <bdi>{pageOf(event)}</bdi>{pageOf(event) && ' · '}<bdi>{personOf(event)}</bdi>
                </Text>
              </Table.Td>
              <Table.Td ta="right" c="dimmed" fz="sm"><When time={event.time} /></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
