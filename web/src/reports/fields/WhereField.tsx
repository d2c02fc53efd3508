import { Button, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { ConditionRows } from '../../conditions/ConditionRows';
import { summary } from '../../conditions/summary';
import type { NarrowSearch } from '../../model/report';
import { newRow, readPredicate, toConditions, toPredicate, type Conditions } from '../../model/predicate';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from '../reports.module.css';

const t = texts.graph;
const SETTLE_MS = 80;

interface WhereFieldProps<S> {
  search: S;
  onChange: (search: S, replace?: boolean) => void;
}

/** Conditions of the question. Rows still being written stay here; what is complete goes into the address. */
export function WhereField<S extends NarrowSearch>({ search, onChange }: WhereFieldProps<S>) {
  const [conditions, setConditions] = useState<Conditions | null>(() => read(search.where));
  const latest = useRef({ search, onChange });
  latest.current = { search, onChange };
  const written = useRef(search.where);

  // The address changed from elsewhere, as by Back.
  useEffect(() => {
    if (search.where === written.current) return;
    written.current = search.where;
    setConditions(read(search.where));
  }, [search.where]);

  useEffect(() => {
    if (conditions === null) return undefined;
    const timer = setTimeout(() => {
      const predicate = toPredicate(conditions);
      const where = predicate === null ? undefined : JSON.stringify(predicate);
      if (where === latest.current.search.where) return;
      written.current = where;
      const { where: _where, ...rest } = latest.current.search;
      latest.current.onChange((where === undefined ? rest : { ...rest, where }) as S, true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [conditions]);

  if (conditions === null) return <NestedWhere search={search} onChange={onChange} />;
  if (conditions.rows.length === 0) {
    return (
      <div className={classes.line}>
        <Text span>{t.where}</Text>
        <Button
          variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} data-testid="report-where"
          onClick={() => setConditions({ mode: 'all', rows: [newRow('property')] })}
        >
          {t.addWhere}
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.where}>
      <ConditionRows value={conditions} onChange={setConditions} lead={t.where} kinds={['property', 'user', 'selector', 'type', 'name']} added="property" />
    </div>
  );
}

/** A predicate from a link that rows cannot show: it can be read and dropped. */
function NestedWhere<S extends NarrowSearch>({ search, onChange }: WhereFieldProps<S>) {
  const { where, ...rest } = search;
  return (
    <div className={classes.line}>
      <Text span>{t.where}</Text>
      <Text span className={classes.wrap} data-testid="report-where-words">{summary(readPredicate(where) ?? { all: [] })}</Text>
      <Button variant="subtle" size="xs" onClick={() => onChange(rest as S)}>{texts.remove}</Button>
    </div>
  );
}

function read(where: string | undefined): Conditions | null {
  const predicate = readPredicate(where);
  return predicate === null ? { mode: 'all', rows: [] } : toConditions(predicate);
}
