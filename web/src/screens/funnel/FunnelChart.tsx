import { useCallback, type CSSProperties } from 'react';
import { number, percent } from '../../model/format';
import type { Bar, FunnelGroup } from '../../model/funnel';
import { EChart, type Look } from '../../reports/chart/EChart';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import { groupsOption, stateColors, statesOption, STATES } from './option';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;
const CHART_PX = 320;

interface FunnelChartProps {
  names: string[];
  bars: Bar[];
  /** The part of the cell that says of which group the bars are. */
  cell: Record<string, unknown>;
  /** Groups beside each other; without them, the three states of one. */
  groups: FunnelGroup[] | null;
  compact: boolean;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

export function FunnelChart({ names, bars, cell, groups, compact, onPeople }: FunnelChartProps) {
  const option = useCallback((look: Look) => (groups === null ? statesOption(bars, names, look) : groupsOption(groups, names, look)), [groups, bars, names.join('\n')]);
  const pick = (series: number, at: number) => {
    const name = names[at] ?? '';
    const step = at + 1;
    if (groups !== null) {
      const group = groups[series];
      if (group?.bars[at]?.reached) onPeople?.({ cell: { ...group.cell, step }, title: `${group.label} · ${step}. ${name}` });
      return;
    }
    const state = STATES[series];
    if (state === undefined) return;
    // Who came on is who reached the next step.
    const last = at === bars.length - 1;
    const to = state === 'converted' ? { step: last ? step : step + 1 } : { step, who: state };
    onPeople?.({ cell: { ...cell, ...to }, title: `${step}. ${name} · ${t.states[state]}` });
  };
  return (
    <>
      <EChart
        option={option} height={compact ? undefined : CHART_PX} onPick={onPeople && pick}
        label={t.chart(bars.map((bar) => `${names[bar.at] ?? ''}: ${number(bar.reached)}, ${percent(bar.reached, bars[0]?.reached ?? 0)}`).join('; '))}
      />
      {groups === null && !compact && <Legend />}
    </>
  );
}

function Legend() {
  return (
    <ul className={classes.legend}>
      {STATES.map((state) => (
        <li key={state}>
          <span className={classes.swatch} data-state={state} style={{ '--swatch': stateColors(false)[state], '--swatch-dark': stateColors(true)[state] } as CSSProperties} />
          {t.states[state]}
          <span className={classes.meaning}>{t.meaning[state]}</span>
        </li>
      ))}
    </ul>
  );
}
