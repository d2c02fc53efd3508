import { Group, Stack, Table, Text, Title } from '@mantine/core';
import { useLedger } from '../api/queries';
import type { Ledger } from '../api/types';
import { duration, number } from '../model/format';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { Card, Page } from '../ui/Page';
import { ErrorState, LoadingRows } from '../ui/States';
import classes from './health.module.css';

const t = texts.health;
const PLACES = ['stored', 'duplicate', 'quarantined', 'erased', 'expired'] as const;
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

export function HealthPage() {
  const project = useProject();
  const ledger = useLedger(project.id);
  return (
    <Page title={t.title} lead={t.lead}>
      {ledger.isError && <ErrorState error={ledger.error} onRetry={() => void ledger.refetch()} />}
      {ledger.isPending && <Card padded={false}><LoadingRows rows={8} /></Card>}
      {ledger.data && <Numbers ledger={ledger.data} />}
    </Page>
  );
}

function Numbers({ ledger }: { ledger: Ledger }) {
  const refused = Object.entries(ledger.refused).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  const pending = ledger.accepted - sum(PLACES.map((place) => ledger[place]));
  return (
    <>
      <div className={classes.figures}>
        <Figure name={t.accepted} value={number(ledger.accepted)} note={pending === 0 ? t.balanced : t.pending(number(pending))} good={pending === 0} />
        <Figure name={t.lag} value={duration(ledger.lag_ms)} note={t.lagText} />
        <Figure name={t.refusedTotal} value={number(sum(Object.values(ledger.refused)))} note={t.refusedText} />
      </div>
      <Section title={t.whereTo} head={[t.state, t.meaning, t.events]}
        rows={PLACES.map((place) => [t[place], t.explain[place], ledger[place]])} />
      {refused.length > 0
        ? <Section title={t.refused} head={[t.reason, t.meaning, t.events]} rows={refused.map(([reason, n]) => [reason, t.reasons[reason] ?? '', n])} />
        : <Card><Title order={2} size="h5">{t.refused}</Title><Text c="dimmed" mt="xs">{t.noneRefused}</Text></Card>}
      <Card>
        <Title order={2} size="h5" mb="xs">{t.position}</Title>
        <Group gap="xl">
          {ledger.positions.map((p) => (
            <Text key={p.partition} size="sm">
              <Text span c="dimmed">{t.partition(p.partition)} </Text>
              <span className={classes.number}>{number(p.offset)}</span>
            </Text>
          ))}
        </Group>
      </Card>
    </>
  );
}

function Figure({ name, value, note, good = false }: { name: string; value: string; note: string; good?: boolean }) {
  return (
    <Card>
      <Stack gap={2}>
        <Text size="sm" c="dimmed">{name}</Text>
        <Text fz={28} fw={650} lh={1.2} className={classes.number}>{value}</Text>
        <Group gap={6} c={good ? 'var(--mantine-color-pine-text)' : 'dimmed'} wrap="nowrap">
          {good && <Icon name="check" size={14} />}
          <Text size="sm" c="inherit">{note}</Text>
        </Group>
      </Stack>
    </Card>
  );
}

function Section({ title, head, rows }: { title: string; head: [string, string, string]; rows: [string, string, number][] }) {
  return (
    <Card padded={false}>
      <Title order={2} size="h5" px="lg" pt="lg" pb="xs">{title}</Title>
      <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{head[0]}</Table.Th>
            <Table.Th visibleFrom="sm">{head[1]}</Table.Th>
            <Table.Th ta="right">{head[2]}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([name, meaning, n]) => (
            <Table.Tr key={name}>
              <Table.Td fw={500}>
                {name}
                <Text size="sm" c="dimmed" fw={400} hiddenFrom="sm">{meaning}</Text>
              </Table.Td>
              <Table.Td c="dimmed" visibleFrom="sm">{meaning}</Table.Td>
              <Table.Td ta="right" className={classes.number}>{number(n)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
