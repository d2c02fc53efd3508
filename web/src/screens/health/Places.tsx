import { Progress } from '@mantine/core';
import type { Ledger } from '../../api/types';
import { number, percent } from '../../model/format';
import { PLACES } from '../../model/ledger';
import { texts } from '../../texts';
import classes from './health.module.css';
import { NumberTable } from './NumberTable';

const t = texts.health;
/** The table beside it says the same in words. */
const COLORS: Record<(typeof PLACES)[number], string> = {
  stored: 'pine.6', duplicate: 'gray.5', quarantined: 'red.6', erased: 'violet.5', expired: 'yellow.6',
};

export function Places({ ledger }: { ledger: Ledger }) {
  const rows = PLACES.map((place) => ({
    key: place,
    name: <span className={classes.place}><span className={classes.swatch} data-place={place} />{t[place]}</span>,
    meaning: t.explain[place],
    numbers: [number(ledger[place]), percent(ledger[place], ledger.accepted)],
  }));
  return (
    <NumberTable title={t.whereTo} lead={t.whereToText} head={[t.state, t.meaning, t.events, t.share]} rows={rows}>
      {ledger.accepted > 0 && (
        <Progress.Root size="lg" mt="sm" aria-hidden="true">
          {PLACES.filter((place) => ledger[place] > 0).map((place) => (
            <Progress.Section key={place} value={(100 * ledger[place]) / ledger.accepted} color={COLORS[place]} className={classes.section ?? ''} withAria={false} />
          ))}
        </Progress.Root>
      )}
    </NumberTable>
  );
}
