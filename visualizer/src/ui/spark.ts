// Two weeks as bars.

import { texts } from "../texts";
import { svg } from "./dom";

const [WIDTH, HEIGHT] = [128, 40];

/** One bar a day; the first and the last day are not whole. */
export function spark(days: number[]): SVGElement {
  const peak = Math.max(...days, 1);
  const step = WIDTH / days.length;
  const bars = days.map((n, i) => {
    const height = n === 0 ? 1.5 : Math.max(2.5, (n / peak) * (HEIGHT - 2));
    const bar = { x: (i * step).toFixed(2), y: (HEIGHT - height).toFixed(2), width: (step - 2).toFixed(2), height: height.toFixed(2), rx: 1 };
    return svg("rect", n === 0 ? { ...bar, class: "none" } : bar);
  });
  const label = texts.spark(days.reduce((sum, n) => sum + n, 0), Math.max(...days));
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "spark", role: "img", "aria-label": label, "data-testid": "spark" }, ...bars);
}
