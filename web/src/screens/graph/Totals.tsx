import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { GraphAnswer } from '../../api/types';
import { number } from '../../model/format';
import type { GraphSearch, Line } from '../../model/graph';
import { axisLabel, bucketLabel } from '../../model/time';
import { texts } from '../../texts';
import { lineStyles } from './palette';
import classes from './graph.module.css';

const t = texts.graph;
/** More columns than this nobody reads, and a browser takes long to lay them out. */
const MAX_COLUMNS = 100;

interface TotalsProps {
  graph: GraphAnswer['graph'];
  lines: Line[];
  search: GraphSearch;
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

/** The chart's legend and all of its numbers. */
export function Totals({ graph, lines, search, hidden, onToggle }: TotalsProps) {
  const grouped = search.group.length > 0;
  const share = grouped && search.measure === 'count';
  const buckets = search.interval === 'whole' || graph.buckets.length > MAX_COLUMNS ? [] : graph.buckets;
  const styles = lineStyles(lines);
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t.tableCaption}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.first}>{grouped ? search.group.map((g) => g.slice(g.indexOf(':') + 1)).join(' · ') : t.event}</th>
              <th scope="col">{t.total}</th>
              {share && <th scope="col">{t.share}</th>}
              {buckets.map((bucket) => (
                <th key={bucket} scope="col" title={bucketLabel(bucket, search.interval)}>{axisLabel(bucket, search.interval)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, i) => (
              <tr key={line.id} data-hidden={hidden.has(line.id) || undefined} data-testid="graph-row">
                <th scope="row" className={classes.first}>
                  <button
                    type="button" className={classes.key} aria-pressed={!hidden.has(line.id)} aria-label={t.toggle(line.label)}
                    title={line.label} onClick={() => onToggle(line.id)}
                  >
                    <span className={classes.swatch} style={{ '--swatch': styles[i]?.color } as CSSProperties} data-dashed={styles[i]?.dashed || undefined} />
                    <bdi className={classes.label} data-muted={line.muted || undefined}>{line.label}</bdi>
                  </button>
                </th>
                <td className={classes.strong}>{number(line.total)}</td>
                {share && <td>{percent(line.total, graph.total.total)}</td>}
                {buckets.map((bucket, b) => <td key={bucket} data-zero={line.values[b] === 0 || undefined}>{number(line.values[b] ?? 0)}</td>)}
              </tr>
            ))}
          </tbody>
          {grouped && (
            <tfoot>
              <tr>
                <th scope="row" className={classes.first}>{search.measure === 'users' ? t.usersTotal : t.total}</th>
                <td className={classes.strong}>{number(graph.total.total)}</td>
                {share && <td>100%</td>}
                {buckets.map((bucket, b) => <td key={bucket}>{number(graph.total.values[b] ?? 0)}</td>)}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {graph.buckets.length > MAX_COLUMNS && <Text size="sm" c="dimmed" p="md">{t.tooMany(graph.buckets.length)}</Text>}
    </>
  );
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)}%`;
}
