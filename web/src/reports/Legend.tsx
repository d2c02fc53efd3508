import type { CSSProperties } from 'react';
import type { LineStyle } from './palette';
import classes from './reports.module.css';

interface LegendProps {
  of: { id: string; label: string; style: LineStyle; muted: boolean }[];
}

/** Which line or bar is whose, where no table says it. */
export function Legend({ of }: LegendProps) {
  if (of.length < 2) return null;
  return (
    <ul className={classes.legend}>
      {of.map(({ id, label, style, muted }) => (
        <li key={id} className={classes.legendItem} title={label}>
          <span className={classes.swatch} style={{ '--swatch': style.color } as CSSProperties} data-dashed={style.dashed || undefined} />
          <bdi className={classes.label} data-muted={muted || undefined}>{label}</bdi>
        </li>
      ))}
    </ul>
  );
}
