import { Alert, Text } from '@mantine/core';
import type { Ledger } from '../../api/types';
import { nearing } from '../../model/ledger';
import { span } from '../../model/format';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from './health.module.css';

const t = texts.health;

/** What somebody should know before the numbers. */
export function Notices({ ledger }: { ledger: Ledger }) {
  const near = nearing(ledger);
  return (
    <>
      {near !== null && (
        <Alert color="red" variant="light" title={t.nearing} icon={<Icon name="warning" />} role="alert">
          <Text size="sm">{near.leftMs === null ? t.nearingSoon(near.partitions) : t.nearingLeft(near.partitions, span(near.leftMs))}</Text>
          <Text size="sm">{t.nearingDo}</Text>
        </Alert>
      )}
      {ledger.primary !== null && (
        <Alert color="gray" variant="light" title={t.replica} role="status">
          <Text size="sm" className={classes.wrap}>{t.replicaText(ledger.primary)}</Text>
        </Alert>
      )}
    </>
  );
}
