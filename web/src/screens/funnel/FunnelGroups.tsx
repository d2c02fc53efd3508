import type { CSSProperties } from 'react';
import { number, percent } from '../../model/format';
import type { Bar, FunnelGroup, FunnelSearch } from '../../model/funnel';
import { groupKeyLabel } from '../../model/report';
import { NumberButton } from '../../reports/NumberButton';
import { lineStyle } from '../../reports/palette';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.reports.funnel;

interface FunnelGroupsProps {
  groups: FunnelGroup[];
  total: Bar[];
  names: string[];
  search: FunnelSearch;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** Groups side by side: how many of each reached each step. */
export function FunnelGroups({ groups, total, names, search, onPeople }: FunnelGroupsProps) {
  const rows = [...groups.map((group, at) => ({ ...group, style: lineStyle(at, group.other) })), { id: 'all', label: t.together, muted: false, bars: total, cell: {}, style: null }];
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t.groups}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.first}>{search.group.map(groupKeyLabel).join(' · ')}</th>
            <th scope="col">{t.conversion}</th>
            {names.map((name, at) => <th key={at} scope="col" title={name}><span className={classes.stepName}>{`${at + 1}. ${name}`}</span></th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="funnel-group">
              <th scope="row" className={classes.first}>
                <span className={classes.key} title={row.label}>
                  {row.style !== null && <span className={classes.swatch} style={{ '--swatch': row.style.color } as CSSProperties} data-dashed={row.style.dashed || undefined} />}
                  <bdi className={classes.label} data-muted={row.muted || undefined}>{row.label}</bdi>
                </span>
              </th>
              <td className={classes.strong}>{percent(row.bars.at(-1)?.reached ?? 0, row.bars[0]?.reached ?? 0)}</td>
              {row.bars.map((bar) => (
                <td key={bar.at} data-zero={bar.reached === 0 || undefined}>
                  <NumberButton
                    value={number(bar.reached)} onPeople={onPeople}
                    ask={bar.reached === 0 ? null : { cell: { ...row.cell, step: bar.at + 1 }, title: `${row.label} · ${bar.at + 1}. ${names[bar.at] ?? ''}` }}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
