import { Text } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { GraphAnswer as Binned, GraphsAnswer, GraphsQuery, PeopleCell, ReportQuery } from '../../api/answers';
import { number } from '../../model/format';
import { graphTitle, measureText, type GraphSearch } from '../../model/graph';
import { binLabels, histogramTable, withEdges, type Line } from '../../model/lines';
import { lineStyle } from '../../model/palette';
import { axisLabel, bucketLabel } from '../../model/time';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { LazyChart, type Picked } from '../charts/LazyChart';
import { BAR_PX, barsBeside, histogram, overTime, type ChartLine } from '../charts/options';
import { Explain } from '../Explain';
import type { AnswerProps } from '../kinds';
import { Nothing } from '../Nothing';
import { NumberTable } from '../NumberTable';
import { usePeopleOf } from '../People';
import classes from '../reports.module.css';
import { corner, graphLines, graphTables } from './tables';

const t = texts.reports.graph;
const HEIGHT_PX = 340;
const TILE_PX = 220;

export function GraphAnswer(props: AnswerProps<GraphSearch>) {
  return 'graph' in props.answer ? <Histogram {...props} /> : <Lines {...props} />;
}

function Lines({ search, query, answer, compact = false }: AnswerProps<GraphSearch>) {
  const given = answer as GraphsAnswer;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(() => graphLines(search, given), [search, given]);
  const [table] = useMemo(() => graphTables(search, query, given), [search, query, given]);
  const toggle = useCallback((id: string) => setHidden((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  }), []);
  const empty = given.graphs.lines.every((line) => (line.total.total ?? 0) === 0);
  const shown = <Shown search={search} query={query} answer={given} lines={lines} hidden={hidden} compact={compact} />;
  if (compact) return <>{search.chart !== 'number' && <Figure search={search} answer={given} />}{empty ? <Nothing /> : shown}</>;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <Figure search={search} answer={given} />
          <Explain answer={answer} filling={search.days !== undefined && search.interval !== 'whole'} />
        </div>
        {empty ? <Nothing /> : shown}
      </Card>
      {!empty && table && <Card padded={false} label={texts.graph.tableCaption}><NumberTable table={table} hidden={hidden} onToggle={toggle} /></Card>}
    </>
  );
}

/** The number that the question is about: of one event or of the first. */
function Figure({ search, answer }: { search: GraphSearch; answer: GraphsAnswer }) {
  const open = usePeopleOf();
  const [line] = answer.graphs.lines;
  const before = answer.graphs.previous?.lines[0]?.total.total;
  const total = line?.total.total ?? null;
  const title = graphTitle({ ...search, formula: [] });
  const text = total === null ? '–' : number(total);
  return (
    <div>
      <Text size="sm" c="dimmed">{measureText(search.measure[0] ?? 'count')}</Text>
      <button
        type="button" className={`${classes.big} ${classes.total}`} data-testid="graph-total" data-settled="true" aria-label={texts.reports.opensPeople(`${title}: ${text}`)}
        onClick={() => open({ event: 'A' }, `${title}: ${text}`)} disabled={!total}
      >
        {text}
      </button>
      {before !== undefined && <Change now={total} before={before} />}
    </div>
  );
}

function Change({ now, before }: { now: number | null; before: number | null }) {
  if (now === null || before === null) return null;
  const percent = before === 0 ? null : (100 * (now - before)) / before;
  return (
    <Text size="sm" c="dimmed" data-testid="graph-change">
      {percent === null ? t.previousTotal(number(before)) : `${t.change(`${percent < 0 ? '▼' : '▲'} ${Math.abs(percent).toFixed(1)}%`)} (${number(before)})`}
    </Text>
  );
}

interface ShownProps {
  search: GraphSearch;
  query: ReportQuery;
  answer: GraphsAnswer;
  lines: Line[];
  hidden: ReadonlySet<string>;
  compact: boolean;
}

function Shown({ search, query, answer, lines, hidden, compact }: ShownProps) {
  const open = usePeopleOf();
  const { interval } = (query as { graphs: GraphsQuery }).graphs;
  const { buckets } = answer.graphs;
  const visible = useMemo(() => lines.filter((line) => !hidden.has(line.id)), [lines, hidden]);
  const whole = interval === 'whole';
  const make = useMemo(() => {
    if (whole) return barsBeside(visible.map((line) => ({ id: line.id, label: line.label, value: line.total, color: line.color })));
    return overTime({
      lines: drawn(visible, hidden), bars: search.chart === 'bars', stacked: search.group.length > 0 && search.measure[0] === 'count' && search.event.length === 1,
      axis: buckets.map((b) => axisLabel(b, interval)), titles: buckets.map((b) => bucketLabel(b, interval)),
    });
  }, [whole, visible, hidden, buckets, interval, search.chart, search.group.length, search.measure, search.event.length]);
  const pick = ({ series, index, data }: Picked) => {
    const id = whole ? (data as { name?: string }).name : series.replace(/ (before|counted)$/, '');
    const line = visible.find((one) => one.id === id);
    if (!line || line.cell === null) return;
    const before = series.endsWith(' before') ? { previous: true } : {};
    const at: PeopleCell = whole ? {} : { at: index };
    open({ ...line.cell, ...at, ...before }, whole ? line.label : `${line.label}, ${bucketLabel(buckets[index] ?? '', interval)}`);
  };
  if (search.chart === 'number') return <BigNumbers lines={visible} />;
  const height = whole ? Math.max(90, 12 + BAR_PX * visible.length) : compact ? TILE_PX : HEIGHT_PX;
  return <LazyChart make={make} height={height} label={texts.reports.chart(graphTitle(search))} onPick={pick} />;
}

/** With averages, what was counted stands thin behind them. */
function drawn(lines: Line[], hidden: ReadonlySet<string>): ChartLine[] {
  return lines.flatMap((line): ChartLine[] => {
    const { id, label, color, dashed, values, trailing, previous } = line;
    const main: ChartLine = { id, label, color, dashed, values: trailing ?? values };
    const counted: ChartLine[] = trailing ? [{ id: `${id} counted`, label: `${label}, ${t.trailingNone}`, color, dashed, values, faint: true }] : [];
    const before: ChartLine[] = previous && !hidden.has(`${id} before`)
      ? [{ id: `${id} before`, label: texts.reports.before(label), color, dashed: true, values: previous.trailing ?? previous.values }] : [];
    return [...counted, ...before, main];
  });
}

function BigNumbers({ lines }: { lines: Line[] }) {
  const open = usePeopleOf();
  return (
    <ul className={classes.numbers}>
      {lines.map((line) => {
        const text = line.total === null ? '–' : number(line.total);
        return (
          <li key={line.id}>
            {line.cell === null || !line.total ? <span className={classes.bigger}>{text}</span> : (
              <button type="button" className={`${classes.big} ${classes.bigger}`} onClick={() => open(line.cell ?? {}, `${line.label}: ${text}`)} aria-label={texts.reports.opensPeople(`${line.label}: ${text}`)}>
                {text}
              </button>
            )}
            <Text size="sm" c="dimmed" className={classes.wrap}><bdi>{line.label}</bdi></Text>
          </li>
        );
      })}
    </ul>
  );
}

function Histogram({ search, answer, query, compact = false }: AnswerProps<GraphSearch>) {
  const open = usePeopleOf();
  const given = answer as Binned;
  const { edges = [], total, skipped = 0 } = given.graph;
  const labels = useMemo(() => binLabels(edges), [edges]);
  const make = useMemo(() => histogram(labels, total.values.map((v) => v ?? 0), lineStyle(0).color, measureText('count')), [labels, total.values]);
  const table = useMemo(() => histogramTable(query, given, corner(search)), [query, given, search]);
  const asked = useMemo(() => withEdges(query, edges), [query, edges]);
  const pick = ({ index }: Picked) => open({ at: index }, labels[index] ?? '', asked);
  const chart = total.total === 0 ? <Nothing /> : (
    <LazyChart make={make} height={compact ? TILE_PX : HEIGHT_PX} label={texts.reports.chart(graphTitle(search))} onPick={pick} />
  );
  if (compact) return chart;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <div>
            <Text size="sm" c="dimmed">{measureText(search.measure[0] ?? 'count')}</Text>
            <Text className={classes.total} data-testid="graph-total" data-settled="true">{number(total.total ?? 0)}</Text>
            {skipped > 0 && <Text size="sm" c="dimmed">{t.skipped(number(skipped))}</Text>}
          </div>
          <Explain answer={answer} />
        </div>
        {chart}
      </Card>
      <Card padded={false} label={texts.graph.tableCaption}><NumberTable table={table} /></Card>
    </>
  );
}
