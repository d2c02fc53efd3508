/** What all charts look like. Captured text reaches them only as labels on the canvas and as text nodes of the tooltip. */
import type { BarSeriesOption, LineSeriesOption, SankeySeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import classes from '../reports.module.css';

export type ChartOption = ComposeOption<LineSeriesOption | BarSeriesOption | SankeySeriesOption | GridComponentOption | TooltipComponentOption>;

export type Colors = Record<'text' | 'label' | 'grid' | 'line' | 'card', string>;

export interface Frame {
  colors: Colors;
  /** On a phone, names leave room for the bars. */
  narrow: boolean;
}

export function colorsOf(dark: boolean): Colors {
  return dark
    ? { text: '#a3abb3', label: '#d5dade', grid: '#2b3135', line: '#454d52', card: '#1c2124' }
    : { text: '#5c6670', label: '#2d3438', grid: '#eceff0', line: '#c5cbcf', card: '#ffffff' };
}

export const frame = { animationDuration: 200, animationDurationUpdate: 200, textStyle: { fontFamily: 'system-ui, sans-serif' } };

export const grid = { left: 4, right: 20, top: 16, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' } as const;

export const tooltipFrame = {
  confine: true, className: classes.tooltip ?? '', transitionDuration: 0, extraCssText: 'padding:0;border:0',
} as const;

export interface TipRow {
  label: string;
  value: string;
  color?: string;
  dashed?: boolean;
}

/** Built of text nodes: no captured value is ever read as markup. */
export function tip(title: string, rows: TipRow[]): HTMLElement {
  const box = document.createElement('div');
  box.append(element('div', classes.tooltipTitle, title));
  for (const { label, value, color, dashed } of rows) {
    const row = element('div', classes.tooltipRow, '');
    if (color !== undefined) {
      const swatch = element('span', classes.swatch, '');
      swatch.style.setProperty('--swatch', color);
      if (dashed) swatch.dataset['dashed'] = 'true';
      row.append(swatch);
    }
    row.append(element('bdi', classes.tooltipLabel, label), element('span', classes.tooltipValue, value));
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
