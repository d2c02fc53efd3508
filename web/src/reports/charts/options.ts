/** Lines and bars over time, and bars beside names. */
import { number, shortNumber } from '../../model/format';
import { frame, grid, tip, tooltipFrame, type ChartOption, type Frame } from './frame';

export interface ChartLine {
  id: string;
  label: string;
  color: string;
  dashed: boolean;
  values: (number | null)[];
  /** Drawn thin, behind the others. */
  faint?: boolean;
}

export interface OverTime {
  lines: ChartLine[];
  /** Labels of the axis, and what the tooltip calls them. */
  axis: string[];
  titles: string[];
  bars?: boolean;
  stacked?: boolean;
  /** How a value is written; numbers else. */
  write?: (value: number) => string;
  max?: number;
}

const SYMBOLS_MOST = 31;

export function overTime({ lines, axis, titles, bars = false, stacked = false, write = number, max }: OverTime) {
  return ({ colors }: Frame): ChartOption => ({
    ...frame,
    grid,
    xAxis: {
      type: 'category', data: axis.map((_, i) => String(i)), boundaryGap: bars || axis.length === 1,
      axisLabel: { color: colors.text, formatter: (i: string) => axis[Number(i)] ?? '', hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false },
    },
    yAxis: {
      type: 'value', splitNumber: 4, ...(max === undefined ? {} : { max }),
      axisLabel: { color: colors.text, formatter: write === number ? shortNumber : write }, splitLine: { lineStyle: { color: colors.grid } },
    },
    tooltip: {
      ...tooltipFrame, trigger: 'axis',
      axisPointer: { type: bars ? 'shadow' : 'line', lineStyle: { color: colors.line, type: 'solid' } },
      formatter: (params) => {
        const at = Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex;
        const rows = [...lines].sort((a, b) => (b.values[at] ?? -Infinity) - (a.values[at] ?? -Infinity));
        return tip(titles[at] ?? '', rows.map(({ label, color, dashed, values }) => {
          const value = values[at];
          return { label, color, dashed, value: value === null || value === undefined ? '–' : write(value) };
        }));
      },
    },
    series: lines.map((line) => ({
      id: line.id, data: line.values, color: line.color, cursor: 'pointer', emphasis: { disabled: true },
      ...(bars
        ? { type: 'bar' as const, barMaxWidth: 28, ...(stacked ? { stack: 'all' } : {}) }
        : {
            type: 'line' as const, lineStyle: { width: line.faint ? 1 : 2, opacity: line.faint ? 0.35 : 1, type: line.dashed ? 'dashed' as const : 'solid' as const },
            symbol: 'circle', symbolSize: line.faint ? 4 : 7, showSymbol: !line.faint && axis.length <= SYMBOLS_MOST, showAllSymbol: true,
          }),
    })),
  });
}

export interface Bar {
  id: string;
  label: string;
  value: number | null;
  color: string;
}

export const BAR_PX = 34;

/** The first bar stands on top. */
export function barsBeside(bars: Bar[], write: (value: number) => string = number) {
  const shown = [...bars].reverse();
  return ({ colors, narrow }: Frame): ChartOption => ({
    ...frame,
    grid: { ...grid, right: 72, top: 4 },
    // Every bar says its number, so an axis would only repeat them.
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category', data: shown.map(({ id }) => id),
      axisLabel: {
        color: colors.label, width: narrow ? 96 : 200, overflow: 'truncate', interval: 0,
        formatter: (_: string, index: number) => shown[index]?.label ?? '',
      },
      axisLine: { show: false }, axisTick: { show: false },
    },
    series: [{
      type: 'bar', barMaxWidth: 22, emphasis: { disabled: true }, cursor: 'pointer',
      data: shown.map(({ id, value, color }) => ({ name: id, value: value ?? 0, itemStyle: { color, borderRadius: [0, 4, 4, 0] } })),
      label: { show: true, position: 'right', color: colors.label, formatter: ({ dataIndex }) => write(shown[dataIndex]?.value ?? 0) },
    }],
  });
}

/** Bars of counts in bins, side by side. */
export function histogram(labels: string[], counts: number[], color: string, what: string) {
  return ({ colors }: Frame): ChartOption => ({
    ...frame,
    grid,
    xAxis: {
      type: 'category', data: labels.map((_, i) => String(i)),
      axisLabel: { color: colors.text, formatter: (i: string) => labels[Number(i)] ?? '', hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false },
    },
    yAxis: { type: 'value', splitNumber: 4, minInterval: 1, axisLabel: { color: colors.text, formatter: shortNumber }, splitLine: { lineStyle: { color: colors.grid } } },
    tooltip: {
      ...tooltipFrame, trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: (params) => {
        const at = Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex;
        return tip(labels[at] ?? '', [{ label: what, value: number(counts[at] ?? 0), color }]);
      },
    },
    series: [{ type: 'bar', id: 'bins', data: counts, color, barCategoryGap: '8%', cursor: 'pointer', emphasis: { disabled: true }, itemStyle: { borderRadius: [3, 3, 0, 0] } }],
  });
}
