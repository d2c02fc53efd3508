/** The bars of a funnel, as ECharts is told. */
import { number, percent, shortNumber } from '../../model/format';
import type { Bar, FunnelGroup } from '../../model/funnel';
import type { Look } from '../../reports/chart/EChart';
import { alongOption, colorsOf, frame, type Axis, type ChartOption } from '../../reports/chart/option';
import { tipBox } from '../../reports/chart/tip';
import { lineStyle } from '../../reports/palette';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;

export const STATES = ['converted', 'open', 'dropped'] as const;
export type State = (typeof STATES)[number];

export const stateColors = (dark: boolean): Record<State, string> =>
  (dark ? { converted: '#36a589', open: '#c9962b', dropped: '#454d52' } : { converted: '#2a8c74', open: '#d9a441', dropped: '#cfd6d9' });

/** What the numbers beside the bars take. */
const AXIS_PX = 64;
const LINES_MAX = 3;
/** About what a letter takes. */
const LETTER_PX = 7;

/** Told apart by their pattern, too. */
const STRIPES = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 3], rotation: -Math.PI / 4, color: 'rgba(255, 255, 255, 0.55)' };

/** Each step as high as the users who reached it, made of who came on, who still can, and who did not. */
export function statesOption(bars: Bar[], names: string[], look: Look): ChartOption {
  const colors = colorsOf(look);
  const fills = stateColors(look.dark);
  const first = bars[0]?.reached ?? 0;
  const label = (name: string, at: number) => `${at + 1}. ${name}`;
  return {
    ...frame,
    grid: { left: 4, right: 8, top: 32, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'category', data: names.map(label), axisTick: { show: false }, axisLine: { lineStyle: { color: colors.line } },
      axisLabel: { color: colors.label, interval: 0, hideOverlap: false, lineHeight: 14, ...inLines(Math.max(32, Math.floor((look.width - AXIS_PX) / names.length) - 8)) },
    },
    yAxis: { type: 'value', splitNumber: 4, minInterval: 1, axisLabel: { color: colors.text, formatter: shortNumber }, splitLine: { lineStyle: { color: colors.grid } } },
    tooltip: {
      trigger: 'axis', confine: true, className: classes.tooltip ?? '', transitionDuration: 0, extraCssText: 'padding:0;border:0', axisPointer: { type: 'shadow' },
      formatter: (params) => {
        const at = Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex;
        const bar = bars[at];
        if (bar === undefined) return '';
        const rows = STATES.map((state) => ({ label: t.states[state], color: fills[state], value: `${number(bar[state])} · ${percent(bar[state], bar.reached)}` }));
        return tipBox(label(names[at] ?? '', at), [...(at === bars.length - 1 ? rows.slice(0, 1) : rows)]);
      },
    },
    series: STATES.map((state, i) => ({
      type: 'bar', stack: 'step', name: t.states[state], data: bars.map((bar) => bar[state]), barMaxWidth: 120, cursor: 'pointer', emphasis: { disabled: true },
      itemStyle: { color: fills[state], ...(state === 'open' ? { decal: STRIPES } : {}) },
      ...(i === STATES.length - 1
        ? { label: { show: true, position: 'top', color: colors.label, fontWeight: 600, formatter: ({ dataIndex }: { dataIndex: number }) => topLabel(bars[dataIndex], first, look.narrow) } }
        : {}),
    })),
  };
}

/** A step's name on as many lines as it takes, but not on more than about three. */
const inLines = (width: number) => {
  const most = Math.floor((LINES_MAX * width) / LETTER_PX);
  return { width, overflow: 'break', formatter: (name: string) => (name.length > most ? `${name.slice(0, most - 1)}…` : name) } as const;
};

const topLabel = (bar: Bar | undefined, first: number, narrow: boolean): string =>
  (bar === undefined ? '' : narrow ? percent(bar.reached, first) : `${number(bar.reached)} · ${percent(bar.reached, first)}`);

/** Of each group, the share of its own first step that reached each step. */
export function groupsOption(groups: FunnelGroup[], names: string[], look: Look): ChartOption {
  const axis: Axis = {
    size: names.length, name: (at) => `${at + 1}. ${names[at] ?? ''}`, short: (at) => `${at + 1}. ${names[at] ?? ''}`,
    format: (value) => `${Math.round(value * 10) / 10}%`, most: 100,
  };
  const drawn = groups.map((group, at) => ({
    id: group.id, label: group.label, style: lineStyle(at, group.other), faint: false, total: group.bars.at(-1)?.reached ?? 0,
    values: group.bars.map((bar) => (bar.ofFirst === null ? null : 100 * bar.ofFirst)),
  }));
  return alongOption(drawn, axis, 'bars', look);
}
