import { Button, NativeSelect, Stack, Text } from '@mantine/core';
import { newRow, type Conditions, type Mode, type Row, type RowKind } from '../model/predicate';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { ConditionRow } from './ConditionRow';
import classes from './conditions.module.css';

const t = texts.define;

interface ConditionRowsProps {
  value: Conditions;
  onChange: (value: Conditions) => void;
  kinds: RowKind[];
  /** The kind of an added row. */
  added: RowKind;
  lead?: string;
  /** What the server says about selectors, shown at the row that has it. */
  selectorError?: string | null;
}

export function ConditionRows({ value, onChange, kinds, added, lead, selectorError = null }: ConditionRowsProps) {
  const { mode, rows } = value;
  const change = (row: Row) => onChange({ mode, rows: rows.map((r) => (r.key === row.key ? row : r)) });
  const faulty = selectorError === null ? undefined : faultyRow(rows, selectorError);
  return (
    <Stack gap="sm">
      {lead !== undefined && (
        <div className={classes.mode}>
          <Text size="sm">{lead}</Text>
          <NativeSelect
            size="xs" aria-label={lead} value={mode} data-testid="condition-mode"
            data={[{ value: 'all', label: t.all }, { value: 'any', label: t.any }]}
            onChange={(event) => onChange({ mode: event.currentTarget.value as Mode, rows })}
          />
          <Text size="sm">{t.ofThese}</Text>
        </div>
      )}
      {rows.map((row) => (
        <ConditionRow
          key={row.key} row={row} kinds={kinds} onChange={change}
          error={row.key === faulty ? selectorError : null}
          onRemove={() => onChange({ mode, rows: rows.filter((r) => r.key !== row.key) })}
        />
      ))}
      <Button
        variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange({ mode, rows: [...rows, newRow(added)] })} data-testid="condition-add"
      >
        {t.add}
      </Button>
    </Stack>
  );
}

/** The error names the selector or a piece of it; with several rows, the one that has that piece. */
function faultyRow(rows: Row[], message: string): number | undefined {
  const selectors = rows.filter((row) => row.kind === 'selector' && row.value.trim() !== '');
  return (selectors.find((row) => message.includes(row.value.trim())) ?? selectors.at(-1))?.key;
}
