/** Steps as bars: who reached each, who is still on the way to it, who dropped. */
import { number } from '../../model/format';
import { frame, grid, tip, tooltipFrame, type ChartOption, type Frame } from './frame';

export interface StepBar {
  label: string;
  /** Of the step before: reached + open + dropped are all who were there. */
  reached: number;
  open: number;
  dropped: number;
  share: string;
}

export const STATES = ['reached', 'open', 'dropped'] as const;
export const STATE_COLORS = { reached: '#2a8c74', open: '#d4a72c', dropped: '#b9c0c5' };

export function funnelBars(steps: StepBar[], labels: Record<(typeof STATES)[number], string>) {
  return ({ colors, narrow }: Frame): ChartOption => ({
    ...frame,
    grid: { ...grid, top: 28 },
    xAxis: {
      type: 'category', data: steps.map((_, k) => String(k)),
      axisLabel: { color: colors.label, interval: 0, width: Math.max(48, (narrow ? 300 : 900) / steps.length - 12), overflow: 'truncate', formatter: (k: string) => steps[Number(k)]?.label ?? '' },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false },
    },
    yAxis: { type: 'value', splitNumber: 4, axisLabel: { color: colors.text }, splitLine: { lineStyle: { color: colors.grid } } },
    tooltip: {
      ...tooltipFrame, trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: (params) => {
        const step = steps[Array.isArray(params) ? (params[0]?.dataIndex ?? 0) : params.dataIndex];
        if (step === undefined) return '';
        return tip(step.label, STATES.map((state) => ({ label: labels[state], value: number(step[state]), color: STATE_COLORS[state] })));
      },
    },
    series: STATES.map((state) => ({
      type: 'bar' as const, id: state, stack: 'all', color: STATE_COLORS[state], barMaxWidth: 120, barCategoryGap: '28%', cursor: 'pointer', emphasis: { disabled: true },
      data: steps.map((step) => step[state]),
      ...(state === 'reached'
        ? { label: { show: true, position: 'insideTop' as const, color: '#ffffff', fontWeight: 600 as const, formatter: ({ dataIndex }: { dataIndex: number }) => steps[dataIndex]?.share ?? '' }, labelLayout: { hideOverlap: true } }
        : {}),
    })),
  });
}
