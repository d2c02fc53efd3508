import { Autocomplete, Button, CloseButton, NativeSelect, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useProperties } from '../../api/queries';
import { MAX_EVENTS, MAX_FORMULAS, MEASURES, measureParts, takesProperty, type GraphSearch, type MeasureName } from '../../model/graph';
import { ANY, eventLabel, letter } from '../../model/report';
import { EventField } from '../../reports/fields/EventField';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from '../../reports/reports.module.css';

const t = texts.graph;
const OVER_TIME = MEASURES.filter((measure) => measure !== 'histogram');

interface EventLinesProps {
  search: GraphSearch;
  onChange: (search: GraphSearch, replace?: boolean) => void;
}

/** What is counted: events A, B, …, and formulas between their numbers. */
export function EventLines({ search, onChange }: EventLinesProps) {
  const { event, measure, formula } = search;
  const several = event.length > 1 || formula.length > 0;
  const setAt = (list: string[], at: number, value: string) => list.map((one, i) => (i === at ? value : one));
  const without = (list: string[], at: number) => list.filter((_, i) => i !== at);
  return (
    <>
      {event.map((one, at) => (
        <div key={at} className={classes.line} data-testid="graph-line">
          {several && <span className={classes.letter} aria-hidden="true">{letter(at)}</span>}
          <MeasureField value={measure[at] ?? 'count'} at={at} of={several ? OVER_TIME : MEASURES} onChange={(next) => onChange({ ...search, measure: setAt(measure, at, next) })} />
          <EventField
            value={one} onChange={(next) => onChange({ ...search, event: setAt(event, at, next) })} testid="graph-event"
            label={several ? t.eventAt(letter(at)) : t.event}
          />
          {event.length > 1 && (
            <CloseButton
              aria-label={t.removeEvent(letter(at), eventLabel(one))} icon={<Icon name="close" size={16} />}
              onClick={() => onChange({ ...search, event: without(event, at), measure: without(measure, at) })}
            />
          )}
        </div>
      ))}
      {formula.map((one, at) => (
        <Formula
          key={at} value={one} events={event.length} onChange={(next) => onChange({ ...search, formula: setAt(formula, at, next) })}
          onRemove={() => onChange({ ...search, formula: without(formula, at) })}
        />
      ))}
      <div className={classes.line}>
        {event.length < MAX_EVENTS && (
          <Button
            variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} data-testid="graph-add-event"
            onClick={() => onChange({ ...search, event: [...event, ANY], measure: [...measure, measure.at(-1) ?? 'count'] })}
          >
            {t.addEvent}
          </Button>
        )}
        {formula.length < MAX_FORMULAS && (
          <Button
            variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} data-testid="graph-add-formula"
            onClick={() => onChange({ ...search, formula: [...formula, event.length > 1 ? '100 * B / A' : 'A'] })}
          >
            {t.addFormula}
          </Button>
        )}
      </div>
    </>
  );
}

interface MeasureFieldProps {
  value: string;
  at: number;
  of?: readonly MeasureName[];
  onChange: (value: string) => void;
}

/** The measure, up to its event: one of a property counts once that is chosen. */
export function MeasureField({ value, at, of = OVER_TIME, onChange }: MeasureFieldProps) {
  const known = useProperties(useProject().id).data?.event ?? [];
  const told = measureParts(value);
  const [{ name, property }, setOwn] = useState(told);
  useEffect(() => setOwn(measureParts(value)), [value]);
  const set = (next: { name: MeasureName; property: string }) => {
    setOwn(next);
    if (!takesProperty(next.name)) onChange(next.name);
    else if (next.property !== '') onChange(`${next.name}:${next.property}`);
  };
  const choose = (next: MeasureName) => set({ name: next, property: takesProperty(next) ? property : '' });
  return (
    <>
      <NativeSelect
        className={classes.measure} aria-label={t.measureAt(letter(at))} value={name} data={of.map((m) => ({ value: m, label: t.measures[m] }))}
        data-testid="graph-measure" onChange={(event) => choose(event.currentTarget.value as MeasureName)}
      />
      {takesProperty(name) && (
        <>
          <Text span>{t.of}</Text>
          <Autocomplete
            className={classes.property} aria-label={t.measureProperty} placeholder={t.measurePlaceholder} value={property} data={known} limit={100}
            data-testid="graph-property" autoCapitalize="off" spellCheck={false} onChange={(next) => setOwn({ name, property: next })}
            onOptionSubmit={(next) => set({ name, property: next })} onBlur={() => property !== told.property && set({ name, property })}
            onKeyDown={(event) => event.key === 'Enter' && set({ name, property })} comboboxProps={{ width: 260, position: 'bottom-start' }}
          />
        </>
      )}
      <Text span>{takesProperty(name) ? t.in : t.of}</Text>
    </>
  );
}

/** A formula is asked for when it is left, or by Enter: half of one is none. */
function Formula({ value, events, onChange, onRemove }: { value: string; events: number; onChange: (value: string) => void; onRemove: () => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const settle = () => (text.trim() === '' ? setText(value) : text !== value && onChange(text.trim()));
  return (
    <div className={classes.line}>
      <span className={classes.letter} aria-hidden="true">ƒ</span>
      <TextInput
        className={classes.formula} aria-label={t.formula} value={text} maxLength={256} spellCheck={false} autoCapitalize="off" data-testid="graph-formula"
        onChange={(event) => setText(event.currentTarget.value)} onBlur={settle} onKeyDown={(event) => event.key === 'Enter' && settle()}
      />
      <CloseButton aria-label={t.removeFormula(value)} icon={<Icon name="close" size={16} />} onClick={onRemove} />
      <Text span size="sm" c="dimmed">{t.formulaHelp(letter(events - 1))}</Text>
    </div>
  );
}
