import { sparkline } from '../../model/definition';
import classes from './define.module.css';

const [WIDTH, HEIGHT] = [112, 28];

/** Two weeks in the size of a word; `label` says the same. */
export function Sparkline({ values, label }: { values: number[]; label: string }) {
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className={classes.spark}>
      <polyline points={sparkline(values, WIDTH, HEIGHT)} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
