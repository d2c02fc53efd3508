import { number, percent, span } from '../../model/format';
import type { Bar } from '../../model/funnel';
import { NumberButton } from '../../reports/NumberButton';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;

interface FunnelTableProps {
  bars: Bar[];
  names: string[];
  cell: Record<string, unknown>;
  /** The group that it is about. */
  title: string | null;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** Every number of the bars, each with its people. */
export function FunnelTable({ bars, names, cell, title, onPeople }: FunnelTableProps) {
  const first = bars[0]?.reached ?? 0;
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t.tableLabel}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.first}>{title === null ? t.step : <bdi>{title}</bdi>}</th>
            {[t.reached, t.ofFirst, t.ofBefore, t.states.open, t.states.dropped, t.median, t.p90].map((name) => <th key={name} scope="col">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => {
            const name = `${bar.at + 1}. ${names[bar.at] ?? ''}`;
            const figure = (who: 'reached' | 'open' | 'dropped', label: string) => (
              <NumberButton
                value={number(bar[who])} onPeople={onPeople} testid={`funnel-${who}`}
                ask={bar[who] === 0 ? null : { cell: { ...cell, step: bar.at + 1, who }, title: `${name} · ${label}` }}
              />
            );
            return (
              <tr key={bar.at} data-testid="funnel-row">
                <th scope="row" className={classes.first}><bdi className={classes.stepName} title={name}>{name}</bdi></th>
                <td className={classes.strong}>{figure('reached', t.reached)}</td>
                <td>{percent(bar.reached, first)}</td>
                <td>{bar.ofBefore === null ? '–' : percent(bar.reached, bars[bar.at - 1]?.reached ?? 0)}</td>
                <td data-zero={bar.open === 0 || undefined}>{bar.at === bars.length - 1 ? '–' : figure('open', t.states.open)}</td>
                <td data-zero={bar.dropped === 0 || undefined}>{bar.at === bars.length - 1 ? '–' : figure('dropped', t.states.dropped)}</td>
                <td>{bar.medianMs === null ? '–' : span(bar.medianMs)}</td>
                <td>{bar.p90Ms === null ? '–' : span(bar.p90Ms)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
