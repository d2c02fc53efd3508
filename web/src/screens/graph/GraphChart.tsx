import { useCallback, useMemo } from 'react';
import type { GraphsAnswer } from '../../api/types';
import { number } from '../../model/format';
import type { GraphSearch, Line } from '../../model/graph';
import { axisLabel, bucketLabel } from '../../model/time';
import { EChart, type Look } from '../../reports/chart/EChart';
import { alongOption, rankedOption, type Axis, type Drawn } from '../../reports/chart/option';
import { lineStyle } from '../../reports/palette';
import { texts } from '../../texts';

const t = texts.graph;
const BAR_PX = 34;
const LINES_PX = 340;

interface GraphChartProps {
  graphs: GraphsAnswer['graphs'];
  lines: Line[];
  search: GraphSearch;
  /** Lines that are switched off in the table below. */
  hidden: ReadonlySet<string>;
  compact: boolean;
  onPeople: ((line: Line, at: number | null) => void) | undefined;
}

export function GraphChart({ graphs, lines, search, hidden, compact, onPeople }: GraphChartProps) {
  const { interval, chart } = search;
  const shown = useMemo(() => lines.filter((line) => !hidden.has(line.id)), [lines, hidden]);
  const drawn = useMemo(() => shown.map(toDrawn), [shown]);
  const whole = interval === 'whole';
  const axis: Axis = useMemo(() => ({
    size: graphs.buckets.length,
    name: (at) => bucketLabel(graphs.buckets[at] ?? '', interval),
    short: (at) => axisLabel(graphs.buckets[at] ?? '', interval),
  }), [graphs.buckets, interval]);
  const option = useCallback(
    (look: Look) => (whole ? rankedOption(drawn, number, look) : alongOption(drawn, axis, chart === 'bars' ? 'bars' : 'lines', look)),
    [drawn, axis, whole, chart],
  );
  const height = whole ? Math.max(80, 8 + BAR_PX * drawn.length) : LINES_PX;
  const pick = (series: number, at: number) => {
    const line = shown[whole ? at : series];
    if (line) onPeople?.(line, whole ? null : at);
  };
  const first = lines[0];
  return (
    <EChart
      option={option} height={compact && !whole ? undefined : height} label={t.chart(first?.label ?? '', number(first?.total ?? 0))}
      onPick={onPeople && pick}
    />
  );
}

const toDrawn = (line: Line): Drawn => ({
  id: line.id, label: line.label, style: lineStyle(line.at, line.other), values: line.values, total: line.total, faint: line.previous,
  ...(line.trailing === undefined ? {} : { trailing: line.trailing }),
});
