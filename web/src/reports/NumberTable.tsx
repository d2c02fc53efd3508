import { Text } from '@mantine/core';
import { memo, useState, type CSSProperties } from 'react';
import { number } from '../model/format';
import type { Table, TableCell, TableRow } from '../model/table';
import { texts } from '../texts';
import { usePeopleOf } from './People';
import classes from './reports.module.css';

const t = texts.reports;
/** More than this nobody reads, and a browser takes long to lay it out. */
const MAX_COLUMNS = 100;
const MAX_ROWS = 200;

interface NumberTableProps {
  table: Table;
  /** Rows that are switched off in the chart; without it they have no switch. */
  hidden?: ReadonlySet<string>;
  onToggle?: (id: string) => void;
}

/** The chart's legend and all of its numbers, each of which opens its people. */
export const NumberTable = memo(function NumberTable({ table, hidden, onToggle }: NumberTableProps) {
  const columns = table.columns.slice(0, MAX_COLUMNS);
  const rows = table.rows.slice(0, MAX_ROWS);
  const [note, setNote] = useState<string | null>(null);
  const noted = table.rows.some((row) => row.cells.some((cell) => cell.note !== undefined));
  const look = (event: { target: EventTarget }) => {
    const found = (event.target as Element).closest<HTMLElement>('[data-note]')?.dataset['note'];
    if (found !== undefined) setNote(found);
  };
  return (
    <>
      {noted && <Text size="sm" c="dimmed" className={classes.note} data-testid="note">{note ?? t.noteHint}</Text>}
      <div className={classes.scroll} tabIndex={0} onMouseOver={look} onFocus={look} role="group" aria-label={table.caption}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.first}>{table.corner}</th>
              {columns.map((column, i) => <th key={i} scope="col" title={column.title}>{column.label}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} table={table} hidden={hidden?.has(row.id) ?? false} onToggle={onToggle} />
            ))}
          </tbody>
          {table.foot && <tfoot><Row row={table.foot} table={table} hidden={false} onToggle={undefined} /></tfoot>}
        </table>
      </div>
      {table.columns.length > MAX_COLUMNS && <Text size="sm" c="dimmed" p="md">{t.tooManyColumns(MAX_COLUMNS, table.columns.length)}</Text>}
      {table.rows.length > MAX_ROWS && <Text size="sm" c="dimmed" p="md">{t.tooManyRows(MAX_ROWS, table.rows.length)}</Text>}
    </>
  );
});

interface RowProps {
  row: TableRow;
  table: Table;
  hidden: boolean;
  onToggle: ((id: string) => void) | undefined;
}

function Row({ row, table, hidden, onToggle }: RowProps) {
  const name = (
    <>
      {row.color !== undefined && (
        <span className={classes.swatch} style={{ '--swatch': row.color } as CSSProperties} data-dashed={row.dashed || undefined} />
      )}
      <bdi className={classes.label} data-muted={row.muted || undefined}>{row.label}</bdi>
    </>
  );
  return (
    <tr data-hidden={hidden || undefined} data-testid="table-row">
      <th scope="row" className={classes.first} title={row.label}>
        {onToggle && row.color !== undefined ? (
          <button type="button" className={classes.key} aria-pressed={!hidden} aria-label={t.graph.toggle(row.label)} onClick={() => onToggle(row.id)}>{name}</button>
        ) : <span className={classes.key} data-still>{name}</span>}
      </th>
      {row.cells.slice(0, MAX_COLUMNS).map((cell, i) => (
        <Cell key={i} cell={cell} column={table.columns[i]?.title ?? table.columns[i]?.label ?? ''} row={row.label} strong={table.columns[i]?.strong ?? false} />
      ))}
    </tr>
  );
}

function Cell({ cell, column, row, strong }: { cell: TableCell; column: string; row: string; strong: boolean }) {
  const open = usePeopleOf();
  const text = cell.text ?? (typeof cell.value === 'number' ? number(cell.value) : (cell.value ?? '–'));
  const heat = cell.heat === undefined ? undefined : ({ '--heat': `${Math.round(cell.heat * 70)}%` } as CSSProperties);
  const title = cell.note ?? `${row}, ${column}: ${text}`;
  return (
    <td
      className={strong ? classes.strong : undefined} style={heat} data-note={cell.note} data-heat={heat && true}
      data-zero={cell.value === 0 || cell.value === null || undefined} data-open={cell.open || undefined}
    >
      {cell.cell === undefined ? text : (
        <button type="button" className={classes.number} aria-label={t.opensPeople(title)} onClick={() => open(cell.cell ?? {}, title, cell.of)}>{text}</button>
      )}
    </td>
  );
}
