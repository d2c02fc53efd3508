import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ORDERS, PERS, UNITS, windowParts, type FunnelSearch, type Order, type Per } from '../../model/funnel';
import { GroupField } from '../../reports/fields/GroupField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';
import { Rules } from './Rules';
import { Steps } from './Steps';

const t = texts.reports.funnel;

interface FunnelSentenceProps {
  search: FunnelSearch;
  onChange: (search: FunnelSearch, replace?: boolean) => void;
}

export function FunnelSentence({ search, onChange }: FunnelSentenceProps) {
  return (
    <>
      <div className={classes.line}>
        <Text span>{t.howMany}</Text>
        <NativeSelect
          aria-label={t.per} value={search.per} data={PERS.map((per) => ({ value: per, label: t.pers[per] }))} data-testid="funnel-per"
          onChange={(event) => onChange({ ...search, per: event.currentTarget.value as Per })}
        />
        <Text span>{t.did}</Text>
      </div>
      <Steps steps={search.step} onChange={(step) => onChange({ ...search, step })} />
      <div className={classes.line}>
        <NativeSelect
          aria-label={t.order} value={search.order} data={ORDERS.map((order) => ({ value: order, label: t.orders[order] }))} data-testid="funnel-order"
          onChange={(event) => onChange({ ...search, order: event.currentTarget.value as Order })}
        />
        <Text span>{t.within}</Text>
        <WindowField value={search.window} onChange={(window) => onChange({ ...search, window }, true)} />
        <Text span>{t.begun}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      <Rules search={search} onChange={onChange} />
      <div className={classes.line}><GroupField search={search} onChange={onChange} /></div>
      <div className={classes.line}>
        <WhereField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
    </>
  );
}

/** A number and its unit: asked for whenever they make a time that the API takes. */
function WindowField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const told = windowParts(value) ?? { count: 1, unit: 'd' as const };
  const [text, setText] = useState(String(told.count));
  useEffect(() => setText(String(told.count)), [told.count]);
  const wrong = windowParts(`${text}${told.unit}`) === null;
  const set = (count: string, unit: string) => windowParts(`${count}${unit}`) !== null && `${count}${unit}` !== value && onChange(`${count}${unit}`);
  return (
    <>
      <TextInput
        className={classes.count} inputMode="numeric" aria-label={t.window} value={text} error={wrong} maxLength={6} data-testid="funnel-window"
        onChange={(event) => {
          setText(event.currentTarget.value.trim());
          set(event.currentTarget.value.trim(), told.unit);
        }}
        onBlur={() => wrong && setText(String(told.count))}
      />
      <NativeSelect
        aria-label={t.unit} value={told.unit} data-testid="funnel-unit" data={UNITS.map((unit) => ({ value: unit, label: t.units[unit](told.count) }))}
        onChange={(event) => (windowParts(`${told.count}${event.currentTarget.value}`) === null ? set('1', event.currentTarget.value) : set(String(told.count), event.currentTarget.value))}
      />
    </>
  );
}
