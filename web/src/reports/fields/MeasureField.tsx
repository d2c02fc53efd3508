import { Autocomplete, NativeSelect, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useProperties } from '../../api/queries';
import { COUNTED, NUMERIC, splitMeasure } from '../../model/graph';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';

const t = texts.reports;

interface MeasureFieldProps {
  value: string;
  onChange: (measure: string) => void;
  /** Measures that make no sense here. */
  without?: readonly string[];
}

/** Count, users, …, or a measure of a number and the property that has it. */
export function MeasureField({ value, onChange, without = [] }: MeasureFieldProps) {
  const project = useProject();
  const [kind, property] = splitMeasure(value);
  // A measure of a number waits here until its property is chosen.
  const [chosen, setChosen] = useState(kind);
  const [typed, setTyped] = useState(property ?? '');
  useEffect(() => {
    setChosen(kind);
    if (property !== undefined) setTyped(property);
  }, [kind, property]);
  const names = useProperties(project.id).data?.event ?? [];
  const numeric = NUMERIC.some((one) => one === chosen);
  const offered = (all: readonly string[]) => all.filter((one) => !without.includes(one)).map((one) => ({ value: one, label: (t.measures as Record<string, string>)[one] ?? one }));
  const choose = (next: string) => {
    setChosen(next);
    if (COUNTED.some((one) => one === next)) onChange(next);
    else if (typed !== '') onChange(`${next}:${typed}`);
  };
  const name = (next: string) => {
    setTyped(next);
    if (names.includes(next)) onChange(`${chosen}:${next}`);
  };
  return (
    <>
      <NativeSelect
        aria-label={t.measure} value={chosen} data-testid="report-measure"
        data={[{ group: t.counted, items: offered(COUNTED) }, { group: t.numeric, items: offered(NUMERIC) }]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {numeric && (
        <>
          <Text span>{texts.graph.of}</Text>
          <Autocomplete
            className={classes.property} aria-label={t.property} placeholder={t.propertyPlaceholder} value={typed} data={names} limit={100}
            data-testid="report-measure-property" autoCapitalize="off" spellCheck={false} onChange={name}
            onBlur={() => typed !== '' && `${chosen}:${typed}` !== value && onChange(`${chosen}:${typed}`)}
            comboboxProps={{ width: 240, position: 'bottom-start' }}
          />
        </>
      )}
    </>
  );
}
