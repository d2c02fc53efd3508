/** What ECharts is told. Captured text reaches it only as labels on the canvas and as text nodes of the tooltip. */
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import type { Interval } from '../../api/types';
import { number, shortNumber } from '../../model/format';
import type { Line } from '../../model/graph';
import { axisLabel, bucketLabel } from '../../model/time';
import { lineStyles, type LineStyle } from './palette';
import classes from './graph.module.css';

export type ChartOption = ComposeOption<LineSeriesOption | BarSeriesOption | GridComponentOption | TooltipComponentOption>;

interface ChartInput {
  buckets: string[];
  interval: Interval;
  lines: Line[];
  hidden: ReadonlySet<string>;
  dark: boolean;
  /** On a phone, names leave room for the bars. */
  narrow: boolean;
}

interface Shown {
  line: Line;
  style: LineStyle;
}

export function chartOption({ buckets, interval, lines, hidden, dark, narrow }: ChartInput): ChartOption {
  const styles = lineStyles(lines);
  const shown = lines.flatMap((line, i) => (hidden.has(line.id) || !styles[i] ? [] : [{ line, style: styles[i] }]));
  const colors = dark
    ? { text: '#a3abb3', label: '#d5dade', grid: '#2b3135', line: '#454d52' }
    : { text: '#5c6670', label: '#2d3438', grid: '#eceff0', line: '#c5cbcf' };
  const frame = {
    animationDuration: 250,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
  };
  return interval === 'whole'
    ? { ...frame, ...barOption(shown, colors, narrow) }
    : { ...frame, ...lineOption(shown, buckets, interval, colors) };
}

type Colors = Record<'text' | 'label' | 'grid' | 'line', string>;

function lineOption(shown: Shown[], buckets: string[], interval: Interval, colors: Colors): ChartOption {
  return {
    grid: { left: 4, right: 20, top: 16, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category', data: buckets, boundaryGap: buckets.length === 1,
      axisLabel: { color: colors.text, formatter: (bucket: string) => axisLabel(bucket, interval), hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false },
    },
    yAxis: {
      type: 'value', minInterval: 1, splitNumber: 4,
      axisLabel: { color: colors.text, formatter: shortNumber }, splitLine: { lineStyle: { color: colors.grid } },
    },
    tooltip: {
      trigger: 'axis', confine: true, className: classes.tooltip ?? '', transitionDuration: 0, extraCssText: 'padding:0;border:0',
      axisPointer: { type: 'line', lineStyle: { color: colors.line, type: 'solid' } },
      formatter: (params) => {
        const index = Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex;
        return tooltip(bucketLabel(buckets[index] ?? '', interval), shown, index);
      },
    },
    series: shown.map(({ line, style }) => ({
      type: 'line', id: line.id, data: line.values, color: style.color,
      lineStyle: { width: 2, type: style.dashed ? 'dashed' : 'solid' },
      symbol: 'circle', symbolSize: 6, showSymbol: buckets.length <= 31, showAllSymbol: true, emphasis: { disabled: true },
    })),
  };
}

function barOption(shown: Shown[], colors: Colors, narrow: boolean): ChartOption {
  // The first group stands on top, and the axis grows upwards.
  const bars = [...shown].reverse();
  return {
    grid: { left: 4, right: 64, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    // Every bar says its number, so an axis would only repeat them.
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category', data: bars.map(({ line }) => line.id),
      axisLabel: {
        color: colors.label, width: narrow ? 96 : 200, overflow: 'truncate', interval: 0,
        formatter: (_: string, index: number) => bars[index]?.line.label ?? '',
      },
      axisLine: { show: false }, axisTick: { show: false },
    },
    series: [{
      type: 'bar', barMaxWidth: 22, emphasis: { disabled: true },
      data: bars.map(({ line, style }) => ({ value: line.total, itemStyle: { color: style.color, borderRadius: [0, 4, 4, 0] } })),
      label: { show: true, position: 'right', color: colors.label, formatter: ({ dataIndex }) => number(bars[dataIndex]?.line.total ?? 0) },
    }],
  };
}

/** Built of text nodes: no captured value is ever read as markup. */
function tooltip(title: string, shown: Shown[], index: number): HTMLElement {
  const box = document.createElement('div');
  box.append(element('div', classes.tooltipTitle, title));
  const rows = [...shown].sort((a, b) => (b.line.values[index] ?? 0) - (a.line.values[index] ?? 0));
  for (const { line, style } of rows) {
    const row = element('div', classes.tooltipRow, '');
    const swatch = element('span', classes.swatch, '');
    swatch.style.setProperty('--swatch', style.color);
    if (style.dashed) swatch.dataset['dashed'] = 'true';
    row.append(swatch, element('bdi', classes.tooltipLabel, line.label), element('span', classes.tooltipValue, number(line.values[index] ?? 0)));
    box.append(row);
  }
  return box;
}

function element(tag: string, className: string | undefined, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? '';
  made.textContent = text;
  return made;
}
