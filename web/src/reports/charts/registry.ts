/** The charts that are on the page, for the export as an image. */
import { useSyncExternalStore } from 'react';

export interface DrawnChart {
  /** The chart in twice its size, on the given background. */
  draw(background: string): HTMLCanvasElement;
}

let charts: readonly DrawnChart[] = [];
const listeners = new Set<() => void>();

function set(next: readonly DrawnChart[]) {
  charts = next;
  for (const listener of listeners) listener();
}

export function register(chart: DrawnChart): () => void {
  set([...charts, chart]);
  return () => set(charts.filter((one) => one !== chart));
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useDrawnCharts = () => useSyncExternalStore(listen, () => charts);
