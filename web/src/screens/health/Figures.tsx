import { Group, Stack, Text } from '@mantine/core';
import type { Ledger } from '../../api/types';
import { duration, number } from '../../model/format';
import { behind, PLACES } from '../../model/ledger';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { Card } from '../../ui/Page';
import classes from './health.module.css';

const t = texts.health;
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

/** Few are told apart, many are not. */
const rate = (events: number) => number(events < 10 ? Math.round(10 * events) / 10 : Math.round(events));

export function Figures({ ledger }: { ledger: Ledger }) {
  const pending = ledger.accepted - sum(PLACES.map((place) => ledger[place]));
  const { last_ms: last, slowest_ms: slowest } = ledger.delay;
  const records = sum(behind(ledger).map((one) => one.difference));
  return (
    <div className={classes.figures}>
      <Figure name={t.accepted} value={number(ledger.accepted)} note={pending === 0 ? t.balanced : t.pending(number(pending))} good={pending === 0} />
      <Figure
        name={t.delay} value={last === null ? t.delayNone : duration(last)}
        note={slowest === null ? t.delayText : `${t.delayText}; ${t.delaySlowest(duration(slowest))}`}
      />
      <Figure name={t.rate} value={t.rateOf(rate(ledger.applied_per_s))} note={t.rateText} />
      <Figure
        name={t.behind} value={number(records)} good={records === 0}
        note={records === 0 ? t.caughtUp : `${t.behindText}, ${t.behindFor(duration(ledger.lag_ms))}`}
      />
      <Figure name={t.refusedTotal} value={number(sum(Object.values(ledger.refused)))} note={t.refusedText} />
    </div>
  );
}

function Figure({ name, value, note, good = false }: { name: string; value: string; note: string; good?: boolean }) {
  return (
    <Card label={name}>
      <Stack gap={2}>
        <Text size="sm" c="dimmed">{name}</Text>
        <Text fz={28} fw={650} lh={1.2} className={classes.number}>{value}</Text>
        <Group gap={6} c={good ? 'var(--mantine-color-pine-text)' : 'dimmed'} wrap="nowrap" align="flex-start">
          {good && <span className={classes.good}><Icon name="check" size={14} /></span>}
          <Text size="sm" c="inherit">{note}</Text>
        </Group>
      </Stack>
    </Card>
  );
}
