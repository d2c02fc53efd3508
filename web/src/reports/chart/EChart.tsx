import { useComputedColorScheme } from '@mantine/core';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useOfferPicture } from '../picture';
import type { ChartOption } from './option';
import classes from '../reports.module.css';

use([LineChart, BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** What a drawing depends on beside its data. */
export interface Look {
  dark: boolean;
  /** On a phone, names leave room for the drawing. */
  narrow: boolean;
  /** In pixels, when it was drawn. */
  width: number;
}

interface EChartProps {
  option: (look: Look) => ChartOption;
  /** In pixels; without it, that of a tile. */
  height?: number | undefined;
  label: string;
  /** A click on a point or a bar: the place among the series, and within it; of a flow, `node` or `edge`. */
  onPick?: ((series: number, at: number, part?: string) => void) | undefined;
  /** The page's picture is one chart: others beside it are not offered. */
  aside?: boolean;
}

const NARROW_PX = 500;
const TILE_PX = 220;
const PICTURE_SCALE = 2;

/** One chart of ECharts, which is loaded with whoever draws it. */
export function EChart({ option, height, label, onPick, aside = false }: EChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const dark = useComputedColorScheme('light') === 'dark';

  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    made.on('click', (event) => {
      if (event.componentType === 'series') pick.current?.(event.seriesIndex ?? 0, event.dataIndex, event.dataType);
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(holder.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const width = holder.current?.clientWidth ?? 0;
    chart.current?.setOption(option({ dark, narrow: width < NARROW_PX, width }), { notMerge: true });
  }, [option, dark]);

  useOfferPicture(aside ? null : () => chart.current?.renderToCanvas({ pixelRatio: PICTURE_SCALE }) ?? document.createElement('canvas'));
  return <div ref={holder} className={classes.chart} style={{ height: height ?? TILE_PX }} role="img" aria-label={label} />;
}
