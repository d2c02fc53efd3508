import { SimpleGrid, Table, Text, Title } from '@mantine/core';
import type { Ledger } from '../../api/types';
import { bytes, number } from '../../model/format';
import { behind } from '../../model/ledger';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import classes from './health.module.css';

const t = texts.health;

/** A phone has room for two numbers; the third is their sum. */
const onPhone = (column: number) => (column === 0 ? { visibleFrom: 'sm' as const } : {});

export function Storage({ ledger }: { ledger: Ledger }) {
  const sizes = [
    [ledger.sizes.shared ? t.storeShared : t.storeOwn, ledger.sizes.store_bytes],
    [t.logSize, ledger.sizes.log_bytes],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Card padded={false} label={t.position}>
        <div className={classes.head}>
          <Title order={2} size="h5">{t.position}</Title>
          <Text size="sm" c="dimmed">{t.positionText}</Text>
        </div>
        <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table} aria-label={t.position}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.partition}</Table.Th>
              {[t.inLog, t.inAnswers, t.difference].map((column, at) => <Table.Th key={column} ta="right" {...onPhone(at)}>{column}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {behind(ledger).map((one) => (
              <Table.Tr key={one.partition}>
                <Table.Td>{t.partitionOf(one.partition)}</Table.Td>
                {[one.log, one.store, one.difference].map((value, at) => <Table.Td key={at} ta="right" className={classes.number} {...onPhone(at)}>{number(value)}</Table.Td>)}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      <Card padded={false} label={t.sizes}>
        <div className={classes.head}>
          <Title order={2} size="h5">{t.sizes}</Title>
          <Text size="sm" c="dimmed">{t.sizesText}</Text>
        </div>
        <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table} aria-label={t.sizes}>
          <Table.Tbody>
            {sizes.map(([name, size]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400}>{name}</Table.Th>
                <Table.Td ta="right" className={classes.number} title={number(size)}>{bytes(size)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
    </SimpleGrid>
  );
}
