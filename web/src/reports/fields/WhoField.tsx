import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { ConditionRows } from '../../conditions/ConditionRows';
import { newRow, readPredicate, toConditions, toPredicate, type Conditions } from '../../model/predicate';
import type { NarrowSearch } from '../../model/report';
import { readSegment, segmentText } from '../../model/segment';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { SegmentButton } from '../../screens/segments/SegmentButton';
import classes from '../reports.module.css';

const t = texts.reports;

interface WhoFieldProps<S> {
  search: S;
  onChange: (search: S, replace?: boolean) => void;
}

/** Whose events count: conditions on people. A segment from a link that rows cannot show can be read and dropped. */
export function WhoField<S extends NarrowSearch>({ search, onChange }: WhoFieldProps<S>) {
  const told = search.who;
  const [rows, setRows] = useState<Conditions | null>(() => rowsOf(told));
  const [said, setSaid] = useState(told);
  // The address was changed by somebody else: Back, or a link.
  if (told !== said) {
    setSaid(told);
    setRows(rowsOf(told));
  }
  const set = (who: string | undefined, replace = false) => {
    const { who: _, ...rest } = search;
    onChange((who === undefined ? rest : { ...rest, who }) as S, replace);
  };
  const change = (next: Conditions) => {
    const left = next.rows.length === 0 ? null : next;
    const predicate = left && toPredicate(left);
    const who = predicate === null ? undefined : JSON.stringify(predicate);
    setRows(left);
    setSaid(who);
    if (who !== told) set(who, true);
  };
  if (rows !== null) {
    return <div className={classes.where}><ConditionRows value={rows} onChange={change} kinds={['user']} added="user" lead={t.whoLead} /></div>;
  }
  const segment = readSegment(told);
  return (
    <div className={classes.line}>
      <Text span>{told === undefined ? t.who : texts.explore.segments.users}</Text>
      {told === undefined ? (
        <Button
          variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} data-testid="report-who"
          onClick={() => setRows({ mode: 'all', rows: [newRow('user')] })}
        >
          {t.whoAdd}
        </Button>
      ) : (
        <>
          <Text span className={classes.wrap} data-testid="report-segment">{segment !== null && segmentText(segment)}</Text>
          <Button variant="subtle" size="xs" onClick={() => set(undefined)}>{t.whoDrop}</Button>
        </>
      )}
      <SegmentButton value={told} onApply={(who) => set(who)} />
    </div>
  );
}

function rowsOf(who: string | undefined): Conditions | null {
  const predicate = readPredicate(who);
  const rows = predicate && toConditions(predicate);
  return rows?.rows.every((row) => row.kind === 'user') ? rows : null;
}
