import { Text } from '@mantine/core';
import { memo, useState, type CSSProperties } from 'react';
import { cellText, type Table, type TableCell, type TableRow } from '../model/table';
import { texts } from '../texts';
import { NumberButton } from './NumberButton';
import { useOfferPicture } from './picture';
import { paintTable } from './tablePicture';
import type { PeopleAsk } from './types';
import reports from './reports.module.css';
import classes from './ModelTable.module.css';

const t = texts.explore;
/** More than this nobody reads, and a browser takes long to lay it out. */
const MAX_COLUMNS = 100;
const MAX_ROWS = 200;

interface ModelTableProps {
  table: Table;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
  /** It is the report's picture, too. */
  picture?: boolean;
}

/** All numbers of an answer, each of which opens its people. */
export const ModelTable = memo(function ModelTable({ table, onPeople, picture = false }: ModelTableProps) {
  useOfferPicture(picture ? () => paintTable(table) : null);
  const [note, setNote] = useState<string | null>(null);
  const noted = table.rows.some((row) => row.cells.some((cell) => cell.note !== undefined));
  const look = (event: { target: EventTarget }) => {
    const found = (event.target as Element).closest<HTMLElement>('[data-note]')?.dataset['note'];
    if (found !== undefined) setNote(found);
  };
  return (
    <>
      {noted && <Text size="sm" c={note === null ? 'dimmed' : 'inherit'} className={classes.note} data-testid="table-note">{note ?? t.noteHint}</Text>}
      <div className={reports.scroll} tabIndex={0} role="group" aria-label={table.caption} onMouseOver={look} onFocus={look}>
        <table className={reports.table}>
          <thead>
            <tr>
              <th scope="col" className={reports.first}>{table.corner}</th>
              {table.columns.slice(0, MAX_COLUMNS).map((column, i) => <th key={i} scope="col" title={column.title}>{column.label}</th>)}
            </tr>
          </thead>
          <tbody>{table.rows.slice(0, MAX_ROWS).map((row) => <Row key={row.id} row={row} table={table} onPeople={onPeople} />)}</tbody>
          {table.foot && <tfoot><Row row={table.foot} table={table} onPeople={onPeople} /></tfoot>}
        </table>
      </div>
      {table.columns.length > MAX_COLUMNS && <Text size="sm" c="dimmed" className={classes.more}>{t.tooManyColumns(MAX_COLUMNS, table.columns.length)}</Text>}
      {table.rows.length > MAX_ROWS && <Text size="sm" c="dimmed" className={classes.more}>{t.tooManyRows(MAX_ROWS, table.rows.length)}</Text>}
    </>
  );
});

interface RowProps extends Omit<ModelTableProps, 'picture'> {
  row: TableRow;
}

function Row({ row, table, onPeople }: RowProps) {
  return (
    <tr data-testid="table-row">
      <th scope="row" className={reports.first} title={row.label}>
        <span className={classes.name}>
          {row.color !== undefined && <span className={reports.swatch} style={{ '--swatch': row.color } as CSSProperties} />}
          <bdi className={reports.label} data-muted={row.muted || undefined}>{row.label}</bdi>
        </span>
      </th>
      {row.cells.slice(0, MAX_COLUMNS).map((cell, i) => (
        <Cell key={i} cell={cell} title={`${row.label} · ${table.columns[i]?.title ?? table.columns[i]?.label ?? ''}`} strong={table.columns[i]?.strong ?? false} onPeople={onPeople} />
      ))}
    </tr>
  );
}

function Cell({ cell, title, strong, onPeople }: { cell: TableCell; title: string; strong: boolean; onPeople: ModelTableProps['onPeople'] }) {
  const text = cellText(cell);
  const ask: PeopleAsk | null = cell.cell === undefined ? null : { cell: cell.cell, title, ...(cell.of === undefined ? {} : { of: cell.of }) };
  return (
    <td
      className={strong ? reports.strong : cell.heat === undefined ? undefined : classes.heat} data-note={cell.note} data-zero={cell.value === 0 || cell.value === null || undefined}
      style={cell.heat === undefined ? undefined : ({ '--heat': `${Math.round(cell.heat * 70)}%` } as CSSProperties)}
    >
      <NumberButton value={text} ask={ask} onPeople={onPeople} />
    </td>
  );
}
