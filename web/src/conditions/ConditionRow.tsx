import { CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { EVENT_TYPES } from '../api/types';
import type { Row, RowKind } from '../model/predicate';
import { texts } from '../texts';
import { typeName } from '../ui/TypeIcon';
import { Icon } from '../ui/icons';
import classes from './conditions.module.css';
import { PropertyFields } from './PropertyFields';

const t = texts.define;

interface ConditionRowProps {
  row: Row;
  kinds: RowKind[];
  error: string | null;
  onChange: (row: Row) => void;
  onRemove: () => void;
}

export function ConditionRow({ row, kinds, error, onChange, onRemove }: ConditionRowProps) {
  const changeKind = (kind: RowKind) =>
    onChange({ ...row, kind, name: '', op: 'is', value: kind === 'type' ? 'click' : '', valueKind: 'text' });
  return (
    <div className={classes.row} data-single={kinds.length === 1 || undefined} data-testid="condition-row">
      {kinds.length > 1 && (
        <NativeSelect
          className={classes.kind} aria-label={t.kind} value={row.kind} data-testid="condition-kind"
          data={kinds.map((kind) => ({ value: kind, label: t.kinds[kind] }))}
          onChange={(event) => changeKind(event.currentTarget.value as RowKind)}
        />
      )}
      <div className={classes.fields}>
        <Fields row={row} error={error} onChange={onChange} />
      </div>
      <CloseButton icon={<Icon name="close" size={16} />} aria-label={t.removeRow} onClick={onRemove} className={classes.remove} />
    </div>
  );
}

function Fields({ row, error, onChange }: Pick<ConditionRowProps, 'row' | 'error' | 'onChange'>) {
  const setValue = (value: string) => onChange({ ...row, value });
  switch (row.kind) {
    case 'type': {
      const known = (EVENT_TYPES as readonly string[]).includes(row.value) ? EVENT_TYPES : [...EVENT_TYPES, row.value];
      return (
        <NativeSelect
          className={classes.wide} aria-label={t.typeLabel} value={row.value} data-testid="condition-type"
          data={known.map((type) => ({ value: type, label: typeName(type) }))}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      );
    }
    case 'name':
      return (
        <TextInput
          className={classes.wide} aria-label={t.nameLabel} placeholder={t.customNamePlaceholder} value={row.value}
          data-testid="condition-name" onChange={(event) => setValue(event.currentTarget.value)}
        />
      );
    case 'selector':
      return (
        <TextInput
          className={classes.wide} classNames={{ input: classes.mono ?? '' }} aria-label={t.selectorLabel} placeholder={t.selectorPlaceholder}
          value={row.value} error={error} spellCheck={false} autoCapitalize="off" autoComplete="off"
          data-testid="condition-selector" onChange={(event) => setValue(event.currentTarget.value)}
        />
      );
    case 'property':
    case 'user':
      return <PropertyFields row={row} onChange={onChange} />;
  }
}
