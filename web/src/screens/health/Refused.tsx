import { Text } from '@mantine/core';
import type { Ledger } from '../../api/types';
import { number } from '../../model/format';
import { texts } from '../../texts';
import { NumberTable } from './NumberTable';

const t = texts.health;

export function Refused({ ledger }: { ledger: Ledger }) {
  const refused = Object.entries(ledger.refused).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const rows = refused.map(([reason, count]) => ({ key: reason, name: reason, meaning: t.reasons[reason] ?? '', numbers: [number(count)] }));
  return (
    <NumberTable title={t.refused} lead={t.refusedLead} head={[t.reason, t.meaning, t.messages]} rows={rows}>
      {rows.length === 0 && <Text size="sm" mt="xs">{t.noneRefused}</Text>}
    </NumberTable>
  );
}
