import { Autocomplete, NativeSelect } from '@mantine/core';
import { useProperties, useValues } from '../api/queries';
import { OPS, type Op } from '../api/types';
import { commonKind, parseValue, takesKind, takesValue, type Row, type ValueKind } from '../model/predicate';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import classes from './conditions.module.css';

const t = texts.define;
const KINDS: ValueKind[] = ['text', 'number', 'boolean'];

/** Property, operator and value, completed from what was captured. */
export function PropertyFields({ row, onChange }: { row: Row; onChange: (row: Row) => void }) {
  const project = useProject();
  const properties = useProperties(project.id);
  const names = (row.kind === 'user' ? properties.data?.user : properties.data?.event) ?? [];
  const known = row.kind === 'property' && names.includes(row.name) ? row.name : null;
  const values = useValues(project.id, known).data ?? [];

  const hasKind = takesKind(row.op);
  const kind = hasKind ? row.valueKind : 'text';
  const wrong = row.op !== 'in' && row.value !== '' && parseValue(row.value, kind) === null;
  /** Values that were captured as numbers are not found by comparing them with text. */
  const fitKind = (value: string) => {
    const captured = commonKind(values.filter((v) => value === '' || String(v) === value));
    onChange({ ...row, value, ...(captured === null ? {} : { valueKind: captured }) });
  };

  return (
    <>
      <Autocomplete
        className={classes.name} aria-label={t.property} placeholder={t.propertyPlaceholder} value={row.name} limit={100}
        data={names} data-testid="condition-property" autoCapitalize="off" spellCheck={false}
        onChange={(name) => onChange({ ...row, name })} comboboxProps={{ width: 260, position: 'bottom-start' }}
      />
      <NativeSelect
        className={classes.op} aria-label={t.op} value={row.op} data={OPS.map((op) => ({ value: op, label: t.ops[op] }))}
        data-testid="condition-op" onChange={(event) => onChange({ ...row, op: event.currentTarget.value as Op })}
      />
      {takesValue(row.op) && (
        <Autocomplete
          className={classes.value} aria-label={t.value} placeholder={row.op === 'in' ? t.listPlaceholder : t.valuePlaceholder}
          value={row.value} data={[...new Set(values.map(String))].filter((v) => v !== '')} limit={50} data-testid="condition-value"
          autoCapitalize="off" spellCheck={false} error={wrong && t.valueWrong[kind]}
          comboboxProps={{ width: 320, position: 'bottom-start' }}
          onChange={hasKind && row.op !== 'in' ? fitKind : (value) => onChange({ ...row, value })}
        />
      )}
      {takesValue(row.op) && hasKind && (
        <NativeSelect
          className={classes.valueKind} aria-label={t.valueKind} value={row.valueKind} data-testid="condition-value-kind"
          data={KINDS.map((k) => ({ value: k, label: t.valueKinds[k] }))}
          onChange={(event) => onChange({ ...row, valueKind: event.currentTarget.value as ValueKind })}
        />
      )}
    </>
  );
}
