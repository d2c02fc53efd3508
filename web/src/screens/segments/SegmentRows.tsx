import { Button, CloseButton, NativeSelect, Stack, Text } from '@mantine/core';
import type { Mode } from '../../model/predicate';
import { newSegmentRow, SEGMENT_KINDS, type SegmentGroup, type SegmentRow, type SegmentRowKind } from '../../model/segmentRows';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from './segments.module.css';
import { SegmentFields } from './SegmentFields';

const t = texts.explore.segments;
const MAX_DEPTH = 4;

interface SegmentRowsProps {
  value: SegmentGroup;
  onChange: (value: SegmentGroup) => void;
  lead: string;
  depth?: number;
}

/** Conditions on users; one of them can be a group of conditions. */
export function SegmentRows({ value, onChange, lead, depth = 0 }: SegmentRowsProps) {
  const { mode, rows } = value;
  const change = (row: SegmentRow) => onChange({ mode, rows: rows.map((r) => (r.key === row.key ? row : r)) });
  return (
    <Stack gap="sm" className={depth === 0 ? classes.rows : classes.nested}>
      <div className={classes.mode}>
        <Text size="sm">{lead}</Text>
        <NativeSelect
          size="xs" aria-label={lead} value={mode} data={[{ value: 'all', label: t.all }, { value: 'any', label: t.any }]} data-testid="segment-mode"
          onChange={(event) => onChange({ mode: event.currentTarget.value as Mode, rows })}
        />
        <Text size="sm">{t.ofThese}</Text>
      </div>
      {rows.map((row) => (
        <OneRow
          key={row.key} row={row} depth={depth} onChange={change}
          onRemove={() => onChange({ mode, rows: rows.filter((r) => r.key !== row.key) })}
        />
      ))}
      <Button
        variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} className={classes.add} data-testid="segment-add"
        onClick={() => onChange({ mode, rows: [...rows, newSegmentRow()] })}
      >
        {t.add}
      </Button>
    </Stack>
  );
}

interface OneRowProps {
  row: SegmentRow;
  depth: number;
  onChange: (row: SegmentRow) => void;
  onRemove: () => void;
}

function OneRow({ row, depth, onChange, onRemove }: OneRowProps) {
  const kinds: SegmentRowKind[] = SEGMENT_KINDS.filter((kind) => kind !== 'group' || depth < MAX_DEPTH);
  if (row.kind === 'people') kinds.push('people');
  const choose = (kind: SegmentRowKind) => {
    const group = kind === 'group' && row.group.rows.length === 0 ? { ...row.group, rows: [newSegmentRow()] } : row.group;
    onChange({ ...row, kind, group });
  };
  return (
    <div className={classes.row} data-testid="segment-row">
      <div className={classes.fields}>
        <NativeSelect
          aria-label={t.negate} value={row.not ? 'not' : 'is'} className={classes.not} onChange={(event) => onChange({ ...row, not: event.currentTarget.value === 'not' })}
          data={[{ value: 'is', label: t.is }, { value: 'not', label: t.isNot }]} data-testid="segment-not"
        />
        <NativeSelect
          aria-label={t.kind} value={row.kind} data={kinds.map((kind) => ({ value: kind, label: t.kinds[kind] }))} data-testid="segment-kind"
          onChange={(event) => choose(event.currentTarget.value as SegmentRowKind)}
        />
        {row.kind !== 'group' && <SegmentFields row={row} onChange={onChange} />}
      </div>
      <CloseButton icon={<Icon name="close" size={16} />} aria-label={t.removeRow} onClick={onRemove} className={classes.remove} />
      {row.kind === 'group' && (
        <div className={classes.inner}>
          <SegmentRows value={row.group} onChange={(group) => onChange({ ...row, group })} lead={t.whichFit} depth={depth + 1} />
        </div>
      )}
    </div>
  );
}
