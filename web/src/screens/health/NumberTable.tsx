import { Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Card } from '../../ui/Page';
import classes from './health.module.css';

interface NumberTableProps {
  title: string;
  lead: string;
  /** The first column, what explains it, and columns of numbers. */
  head: [string, string, ...string[]];
  rows: { key: string; name: ReactNode; meaning: ReactNode; numbers: string[] }[];
  children?: ReactNode;
}

/** A phone has room for one number. */
const onPhone = (column: number) => (column === 0 ? {} : { visibleFrom: 'sm' as const });

/** Numbers with what they mean; on a phone, the meaning stands below the name. */
export function NumberTable({ title, lead, head: [name, meaning, ...columns], rows, children }: NumberTableProps) {
  return (
    <Card padded={false} label={title}>
      <div className={classes.head} data-alone={rows.length === 0 || undefined}>
        <Title order={2} size="h5">{title}</Title>
        <Text size="sm" c="dimmed">{lead}</Text>
        {children}
      </div>
      {rows.length > 0 && (
        <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table} aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{name}</Table.Th>
              <Table.Th visibleFrom="sm">{meaning}</Table.Th>
              {columns.map((column, at) => <Table.Th key={column} ta="right" {...onPhone(at)}>{column}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.key}>
                <Table.Td fw={500}>
                  {row.name}
                  <Text size="sm" c="dimmed" fw={400} hiddenFrom="sm" component="div">{row.meaning}</Text>
                </Table.Td>
                <Table.Td c="dimmed" visibleFrom="sm">{row.meaning}</Table.Td>
                {row.numbers.map((text, at) => <Table.Td key={columns[at]} ta="right" className={classes.number} {...onPhone(at)}>{text}</Table.Td>)}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}
