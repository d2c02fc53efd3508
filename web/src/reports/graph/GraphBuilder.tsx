import { Button, Checkbox, CloseButton, Text, TextInput } from '@mantine/core';
import { useEffect, useState, type CSSProperties } from 'react';
import { eventLabel } from '../../model/eventRef';
import { CHARTS, histogramOf, letter, MAX_EVENTS, type GraphSearch } from '../../model/graph';
import { lineStyle } from '../../model/palette';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { Choice } from '../fields/Choice';
import { EventField } from '../fields/EventField';
import { GroupField } from '../fields/GroupField';
import { IntervalField } from '../fields/IntervalField';
import { MeasureField } from '../fields/MeasureField';
import { RangeField } from '../fields/RangeField';
import { WhereField } from '../fields/WhereField';
import { WhoField } from '../fields/WhoField';
import type { BuilderProps } from '../kinds';
import classes from '../reports.module.css';

const t = texts.reports.graph;
const TRAILING = [7, 14, 28];

type Props = BuilderProps<GraphSearch>;

/** The question, written as a sentence whose words can be changed. */
export function GraphBuilder({ search, onChange }: Props) {
  const set = (change: Partial<GraphSearch>) => onChange({ ...search, ...change });
  const binned = histogramOf(search) !== null;
  return (
    <div className={classes.sentence}>
      {search.event.map((_, i) => <EventLine key={i} search={search} onChange={onChange} at={i} />)}
      {!binned && <Formulas search={search} onChange={onChange} />}
      <div className={classes.line}>
        {!binned && (
          <>
            <Text span>{texts.graph.by}</Text>
            <IntervalField value={search.interval} onChange={(interval) => set({ interval })} />
          </>
        )}
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      {!binned && <div className={classes.line}><Shown search={search} onChange={onChange} /></div>}
      <div className={classes.line}>
        <Text span>{texts.graph.groupedBy}</Text>
        <GroupField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}

function EventLine({ search, onChange, at }: Props & { at: number }) {
  const { event, measure } = search;
  const several = event.length > 1;
  const replace = (what: Partial<{ event: string; measure: string }>) => onChange({
    ...search,
    event: event.map((one, i) => (i === at ? (what.event ?? one) : one)),
    measure: measure.map((one, i) => (i === at ? (what.measure ?? one) : one)),
  });
  const remove = () => onChange({ ...search, event: event.filter((_, i) => i !== at), measure: measure.filter((_, i) => i !== at), formula: [] });
  const add = () => onChange({ ...search, event: [...event, event[at] ?? ''], measure: [...measure, measure[at] ?? 'count'] });
  return (
    <div className={classes.line} data-testid="graph-event-line">
      {several && <span className={classes.letter} style={{ background: lineStyle(at).color } as CSSProperties}>{letter(at)}</span>}
      <MeasureField value={measure[at] ?? 'count'} onChange={(next) => replace({ measure: next })} without={several ? ['histogram'] : []} />
      <Text span>{texts.graph.of}</Text>
      <EventField value={event[at] ?? null} onChange={(ref) => replace({ event: ref })} testid="graph-event" />
      {several && <CloseButton icon={<Icon name="close" size={16} />} aria-label={texts.reports.removeEvent(eventLabel(event[at] ?? ''))} onClick={remove} />}
      {at === event.length - 1 && event.length < MAX_EVENTS && histogramOf(search) === null && (
        <Button variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} onClick={add} data-testid="graph-add-event">{texts.reports.addEvent}</Button>
      )}
    </div>
  );
}

function Formulas({ search, onChange }: Props) {
  const set = (formula: string[]) => onChange({ ...search, formula });
  if (search.event.length < 2 && search.formula.length === 0) return null;
  return (
    <div className={classes.line}>
      {search.formula.map((formula, i) => (
        <FormulaField
          key={i} value={formula} onChange={(next) => set(search.formula.map((one, f) => (f === i ? next : one)))}
          onRemove={() => set(search.formula.filter((_, f) => f !== i))}
        />
      ))}
      {search.formula.length < 4 && (
        <Button variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => set([...search.formula, '100 * B / A'])} data-testid="graph-add-formula">
          {t.addFormula}
        </Button>
      )}
    </div>
  );
}

/** Counts once it is finished: what is half written is mostly no formula. */
function FormulaField({ value, onChange, onRemove }: { value: string; onChange: (formula: string) => void; onRemove: () => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const settle = () => typed.trim() !== '' && typed.trim() !== value && onChange(typed.trim());
  return (
    <TextInput
      className={classes.property} aria-label={t.formula} placeholder={t.formulaPlaceholder} value={typed} spellCheck={false} data-testid="graph-formula"
      onChange={(event) => setTyped(event.currentTarget.value)} onBlur={settle} onKeyDown={(event) => event.key === 'Enter' && settle()}
      rightSection={<CloseButton size="sm" icon={<Icon name="close" size={14} />} aria-label={texts.reports.removeEvent(value)} onClick={onRemove} />}
    />
  );
}

function Shown({ search, onChange }: Props) {
  const set = (change: Partial<GraphSearch>) => onChange({ ...search, ...change });
  const averages = [...new Set([...TRAILING, ...(search.trailing === undefined ? [] : [search.trailing])])];
  const average = (chosen: string) => {
    const { trailing: _trailing, ...rest } = search;
    onChange(chosen === '' ? rest : { ...rest, trailing: Number(chosen) });
  };
  return (
    <>
      <Text span>{t.shownAs}</Text>
      <Choice label={t.chart} value={search.chart} onChange={(chart) => set({ chart })} options={CHARTS.map((value) => ({ value, label: t.charts[value] }))} testid="graph-chart" />
      {search.interval !== 'whole' && (
        <Choice
          label={t.trailing} value={String(search.trailing ?? '')} onChange={average} testid="graph-trailing"
          options={[{ value: '', label: t.trailingNone }, ...averages.map((n) => ({ value: String(n), label: t.trailingOver(n, texts.graph.intervals[search.interval]) }))]}
        />
      )}
      <Checkbox
        label={t.previous} checked={search.previous ?? false} data-testid="graph-previous"
        onChange={(event) => {
          const { previous: _previous, ...rest } = search;
          onChange(event.currentTarget.checked ? { ...rest, previous: true } : rest);
        }}
      />
    </>
  );
}
