import { useComputedColorScheme } from '@mantine/core';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { Interval } from '../../api/types';
import type { Line } from '../../model/graph';
import { chartOption } from './option';
import classes from './graph.module.css';

use([LineChart, BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

export interface ChartProps {
  buckets: string[];
  interval: Interval;
  lines: Line[];
  /** Lines that are switched off in the table below. */
  hidden: ReadonlySet<string>;
  label: string;
}

const BAR_PX = 34;
const LINES_PX = 340;
const NARROW_PX = 500;

export function Chart({ buckets, interval, lines, hidden, label }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const scheme = useComputedColorScheme('light');
  const height = interval === 'whole' ? Math.max(80, 8 + BAR_PX * (lines.length - hidden.size)) : LINES_PX;

  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(holder.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const narrow = (holder.current?.clientWidth ?? 0) < NARROW_PX;
    chart.current?.setOption(chartOption({ buckets, interval, lines, hidden, dark: scheme === 'dark', narrow }), { notMerge: true });
  }, [buckets, interval, lines, hidden, scheme]);

  return <div ref={holder} className={classes.chart} style={{ height }} role="img" aria-label={label} />;
}
