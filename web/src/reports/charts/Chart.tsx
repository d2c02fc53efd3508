import { useComputedColorScheme } from '@mantine/core';
import { BarChart, LineChart, SankeyChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import classes from '../reports.module.css';
import { colorsOf } from './frame';
import type { ChartProps } from './LazyChart';
import { register } from './registry';

use([LineChart, BarChart, SankeyChart, GridComponent, TooltipComponent, CanvasRenderer]);

const NARROW_PX = 560;

export default function Chart({ make, height, label, onPick }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    made.on('click', (event) => {
      const data: unknown = event.data;
      pick.current?.({ series: event.seriesId ?? '', index: event.dataIndex, data });
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(holder.current);
    const unregister = register({ draw: (background) => made.renderToCanvas({ pixelRatio: 2, backgroundColor: background }) });
    return () => {
      unregister();
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const narrow = (holder.current?.clientWidth ?? 0) < NARROW_PX;
    chart.current?.setOption(make({ colors: colorsOf(scheme === 'dark'), narrow }), { notMerge: true });
    chart.current?.resize();
  }, [make, scheme, height]);

  return <div ref={holder} className={classes.chart} style={{ height }} role="img" aria-label={label} data-testid="chart" />;
}
