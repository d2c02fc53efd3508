/** What ECharts is told. Captured text reaches it only as labels on the canvas and as text nodes of the tooltip. */
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { number, shortNumber } from '../../model/format';
import type { LineStyle } from '../palette';
import type { Look } from './EChart';
import { tipBox } from './tip';
import classes from '../reports.module.css';

export type ChartOption = ComposeOption<LineSeriesOption | BarSeriesOption | GridComponentOption | TooltipComponentOption>;
export type Value = number | null;

export interface Drawn {
  id: string;
  label: string;
  style: LineStyle;
  values: Value[];
  /** Of the whole range. */
  total: Value;
  /** Of the period before: thinner and dotted. */
  faint: boolean;
  trailing?: Value[];
}

export interface Axis {
  size: number;
  /** The full name of a place on the axis, and the short one. */
  name: (at: number) => string;
  short: (at: number) => string;
  /** How values are written out; percentages, say. */
  format?: (value: number) => string;
  most?: number;
  /** Bars touch each other, as those of a histogram do. */
  tight?: boolean;
  /** Bars of one place stand on each other, negative ones below the axis; what is written is without the sign. */
  stacked?: boolean;
}

export const colorsOf = ({ dark }: Look) => (dark
  ? { text: '#a3abb3', label: '#d5dade', grid: '#2b3135', line: '#454d52' }
  : { text: '#5c6670', label: '#2d3438', grid: '#eceff0', line: '#c5cbcf' });

/** Whoever wants nothing to move has it drawn at once. */
const isStill = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;

export const frame = { animation: !isStill, animationDuration: 250, textStyle: { fontFamily: 'system-ui, sans-serif' } };

export type Form = 'lines' | 'bars';

/** Values along an axis, as lines or as bars beside each other. */
export function alongOption(drawn: Drawn[], axis: Axis, form: Form, look: Look): ChartOption {
  const colors = colorsOf(look);
  return {
    ...frame,
    grid: { left: 4, right: 20, top: 16, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category', data: Array.from({ length: axis.size }, (_, at) => String(at)), boundaryGap: form === 'bars' || axis.size === 1,
      axisLabel: { color: colors.text, formatter: (_: string, at: number) => axis.short(at), hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false },
    },
    yAxis: {
      type: 'value', splitNumber: 4, ...(axis.most === undefined ? {} : { max: axis.most, interval: axis.most / 4 }),
      // Half a person is none.
      ...(axis.format === undefined && drawn.every(isWhole) ? { minInterval: 1 } : {}),
      axisLabel: { color: colors.text, formatter: axis.stacked ? (value: number) => shortNumber(Math.abs(value)) : (axis.format ?? shortNumber) }, splitLine: { lineStyle: { color: colors.grid } },
    },
    tooltip: {
      trigger: 'axis', confine: true, className: classes.tooltip ?? '', transitionDuration: 0, extraCssText: 'padding:0;border:0',
      axisPointer: form === 'bars' ? { type: 'shadow' } : { type: 'line', lineStyle: { color: colors.line, type: 'solid' } },
      formatter: (params) => {
        const at = Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex;
        return tooltip(drawn, axis, at);
      },
    },
    series: [...drawn.map((one) => (form === 'bars' ? barSeries(one, axis) : lineSeries(one, axis.size))), ...drawn.flatMap((one) => averageSeries(one, form))],
  };
}

function lineSeries({ id, values, style, faint, trailing }: Drawn, size: number): LineSeriesOption {
  const raw = trailing !== undefined;
  return {
    type: 'line', id, data: values, color: style.color, cursor: 'pointer',
    lineStyle: { width: faint || raw ? 1.5 : 2, type: faint ? 'dotted' : style.dashed ? 'dashed' : 'solid', opacity: raw ? 0.45 : faint ? 0.8 : 1 },
    symbol: 'circle', symbolSize: faint ? 4 : 6, showSymbol: size <= 31, showAllSymbol: true, emphasis: { disabled: true }, triggerLineEvent: false,
    ...(raw || faint ? { itemStyle: { opacity: 0.6 } } : {}),
  };
}

const isWhole = ({ values }: Drawn) => values.every((value) => value === null || Number.isInteger(value));

function barSeries({ id, values, style, faint }: Drawn, { tight = false, stacked = false }: Axis): BarSeriesOption {
  return {
    type: 'bar', id, data: values, color: fill(style.color, faint), cursor: 'pointer', emphasis: { disabled: true }, ...(tight ? { barCategoryGap: 2 } : { barMaxWidth: stacked ? 56 : 28, barGap: '10%' }),
    ...(stacked ? { stack: 'all' } : { itemStyle: { borderRadius: [3, 3, 0, 0] } }),
  };
}

/** Half of it shines through, of the period before. */
const fill = (color: string, faint: boolean) => (faint ? `${color}73` : color);

/** The trailing average is a line over what it is made of. */
function averageSeries({ id, style, trailing, faint }: Drawn, form: Form): LineSeriesOption[] {
  if (trailing === undefined) return [];
  return [{
    type: 'line', id: `${id} average`, data: trailing, color: style.color, symbol: 'none', silent: true, emphasis: { disabled: true },
    lineStyle: { width: form === 'bars' ? 2 : 2.5, type: faint ? 'dotted' : 'solid' },
  }];
}

/** One bar for each line, with its number, the first on top. */
export function rankedOption(drawn: Drawn[], format: (value: number) => string, look: Look): ChartOption {
  const colors = colorsOf(look);
  return {
    ...frame,
    grid: { left: 4, right: 64, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    // Every bar says its number, so an axis would only repeat them.
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category', data: drawn.map(({ id }) => id), inverse: true,
      axisLabel: {
        color: colors.label, width: look.narrow ? 96 : 200, overflow: 'truncate', interval: 0,
        formatter: (_: string, at: number) => drawn[at]?.label ?? '',
      },
      axisLine: { show: false }, axisTick: { show: false },
    },
    series: [{
      type: 'bar', barMaxWidth: 22, emphasis: { disabled: true }, cursor: 'pointer',
      data: drawn.map(({ total, style, faint }) => ({ value: total ?? 0, itemStyle: { color: fill(style.color, faint), borderRadius: [0, 4, 4, 0] } })),
      label: { show: true, position: 'right', color: colors.label, formatter: ({ dataIndex }) => valueText(drawn[dataIndex]?.total ?? null, format) },
    }],
  };
}

const valueText = (value: Value, format: (value: number) => string = number) => (value === null ? '–' : format(value));

function tooltip(drawn: Drawn[], axis: Axis, at: number): HTMLElement {
  const inOrder = axis.stacked ? drawn : [...drawn].sort((a, b) => (b.values[at] ?? 0) - (a.values[at] ?? 0));
  const shown = (value: Value | undefined) => valueText(axis.stacked && typeof value === 'number' ? Math.abs(value) : (value ?? null), axis.format);
  const rows = inOrder.map(({ style, label, values, trailing }) => {
    const average = trailing === undefined ? '' : ` (${valueText(trailing[at] ?? null, axis.format)})`;
    return { label, value: shown(values[at]) + average, color: style.color, dashed: style.dashed };
  });
  return tipBox(axis.name(at), rows);
}
