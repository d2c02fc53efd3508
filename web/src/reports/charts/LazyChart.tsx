/** The chart, with its library loaded when the first one is drawn. */
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { texts } from '../../texts';
import type { ChartOption, Frame } from './frame';

export interface Picked {
  series: string;
  index: number;
  data: unknown;
}

export interface ChartProps {
  /** Called again when the colours or the width change; must be the same function while the answer is. */
  make: (frame: Frame) => ChartOption;
  height: number;
  label: string;
  onPick?: ((picked: Picked) => void) | undefined;
}

const Chart = lazy(() => import('./Chart'));

export function LazyChart(props: ChartProps) {
  return (
    <Suspense fallback={<Skeleton height={props.height} aria-label={texts.loading} />}>
      <Chart {...props} />
    </Suspense>
  );
}
