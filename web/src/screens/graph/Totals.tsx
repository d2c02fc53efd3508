import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { GraphsAnswer } from '../../api/types';
import { number } from '../../model/format';
import { drawn, lineName, type GraphSearch, type Line } from '../../model/graph';
import { groupKeyLabel } from '../../model/report';
import { axisLabel, bucketLabel } from '../../model/time';
import { NumberButton } from '../../reports/NumberButton';
import { lineStyle } from '../../reports/palette';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.graph;
/** More columns than this nobody reads, and a browser takes long to lay them out. */
const MAX_COLUMNS = 100;

interface TotalsProps {
  graphs: GraphsAnswer['graphs'];
  lines: Line[];
  search: GraphSearch;
  hidden: ReadonlySet<string>;
  compact: boolean;
  /** Where there is a chart, lines can be switched off in it. */
  onToggle: ((id: string) => void) | undefined;
  onPeople: ((line: Line, at: number | null) => void) | undefined;
}

/** The chart's legend and all of its numbers. */
export function Totals({ graphs, lines, search, hidden, compact, onToggle, onPeople }: TotalsProps) {
  const buckets = compact || search.interval === 'whole' || graphs.buckets.length > MAX_COLUMNS ? [] : graphs.buckets;
  const grouped = search.group.length > 0;
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t.tableCaption}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.first}>{grouped ? search.group.map(groupKeyLabel).join(' · ') : t.event}</th>
              <th scope="col">{t.total}</th>
              {buckets.map((bucket) => (
                <th key={bucket} scope="col" title={bucketLabel(bucket, search.interval)}>{axisLabel(bucket, search.interval)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.id} data-hidden={hidden.has(line.id) || undefined} data-testid="graph-row">
                <th scope="row" className={classes.first}><Key line={line} shown={!hidden.has(line.id)} onToggle={onToggle} /></th>
                <Cell line={line} value={line.total} at={null} name={line.label} strong onPeople={onPeople} />
                {buckets.map((bucket, b) => (
                  <Cell key={bucket} line={line} value={line.values[b] ?? null} at={b} name={`${line.label} · ${bucketLabel(bucket, search.interval)}`} onPeople={onPeople} />
                ))}
              </tr>
            ))}
          </tbody>
          {grouped && !compact && <Foot graphs={graphs} search={search} buckets={buckets} />}
        </table>
      </div>
      {graphs.buckets.length > MAX_COLUMNS && !compact && <Text size="sm" c="dimmed" p="md">{t.tooMany(graphs.buckets.length)}</Text>}
    </>
  );
}

function Key({ line, shown, onToggle }: { line: Line; shown: boolean; onToggle: TotalsProps['onToggle'] }) {
  const { color, dashed } = lineStyle(line.at, line.other);
  const label = (
    <>
      <span className={classes.swatch} style={{ '--swatch': color } as CSSProperties} data-dashed={dashed || line.previous || undefined} />
      <bdi className={classes.label} data-muted={line.muted || undefined}>{line.label}</bdi>
    </>
  );
  if (onToggle === undefined) return <span className={classes.key} title={line.label}>{label}</span>;
  return (
    <button type="button" className={classes.key} aria-pressed={shown} aria-label={t.toggle(line.label)} title={line.label} onClick={() => onToggle(line.id)}>
      {label}
    </button>
  );
}

interface CellProps {
  line: Line;
  value: number | null;
  at: number | null;
  name: string;
  strong?: boolean;
  onPeople: TotalsProps['onPeople'];
}

function Cell({ line, value, at, name, strong = false, onPeople }: CellProps) {
  const opens = line.cell !== null && value !== null && value !== 0 && onPeople !== undefined;
  return (
    <td data-zero={!value || undefined} className={strong ? classes.strong : undefined}>
      <NumberButton
        ask={opens ? { cell: {}, title: name } : null} value={value === null ? t.noValue : number(value)}
        onPeople={opens ? () => onPeople(line, at) : undefined}
      />
    </td>
  );
}

/** All groups together, of each event: people once. */
function Foot({ graphs, search, buckets }: { graphs: GraphsAnswer['graphs']; search: GraphSearch; buckets: string[] }) {
  const lines = drawn(graphs.lines);
  return (
    <tfoot>
      {lines.map((line, at) => (
        <tr key={'formula' in line ? `f${at}` : line.event}>
          <th scope="row" className={classes.first}>{lines.length > 1 ? `${t.total} · ${lineName(line, search)}` : search.measure[0] === 'users' ? t.usersTotal : t.total}</th>
          <td className={classes.strong}>{line.total.total === null ? t.noValue : number(line.total.total)}</td>
          {buckets.map((bucket, b) => <td key={bucket}>{number(line.total.values[b] ?? 0)}</td>)}
        </tr>
      ))}
    </tfoot>
  );
}
