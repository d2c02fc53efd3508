/** Sessions as a flow from node to node. */
import { number } from '../../model/format';
import { OTHER, lineStyle } from '../../model/palette';
import type { Flow } from '../../model/paths';
import { frame, tip, tooltipFrame, type ChartOption, type Frame } from './frame';

/** Each label has its colour, whichever step it is on. */
export function sankey(flow: Flow, reversed: boolean) {
  const labels = new Map(flow.nodes.filter((n) => n.kind === 'node').map((n) => [n.label, 0]));
  [...labels.keys()].forEach((label, i) => labels.set(label, i));
  const color = (kind: string, label: string) => (kind === 'exit' ? '#cf5446' : kind === 'other' ? OTHER : lineStyle(labels.get(label) ?? 0).color);
  const named = new Map(flow.nodes.map((n) => [n.id, n]));
  return ({ colors, narrow }: Frame): ChartOption => ({
    ...frame,
    tooltip: {
      ...tooltipFrame, trigger: 'item',
      formatter: (params) => {
        const { data } = Array.isArray(params) ? (params[0] ?? { data: null }) : params;
        const { title = '', count = 0 } = (data ?? {}) as { title?: string; count?: number };
        return tip(title, [{ label: '', value: number(count) }]);
      },
    },
    series: [{
      type: 'sankey', left: 4, right: narrow ? 60 : 130, top: 8, bottom: 8, nodeWidth: 14, nodeGap: 12, draggable: false, layoutIterations: 24, nodeAlign: 'left', cursor: 'pointer',
      emphasis: { focus: 'trajectory' },
      lineStyle: { color: 'gradient', opacity: 0.3, curveness: 0.5 },
      label: {
        color: colors.label, width: narrow ? 56 : 124, overflow: 'truncate', fontSize: 12,
        formatter: ({ name }) => named.get(String(name))?.label ?? '',
      },
      data: flow.nodes.map((n) => ({
        name: n.id, depth: reversed ? flow.levels - 1 - n.level : n.level, itemStyle: { color: color(n.kind, n.label), borderColor: colors.card }, title: n.title, count: n.count, cell: n.cell,
      })),
      links: flow.links.map((l) => ({ source: l.source, target: l.target, value: l.count, title: l.title, count: l.count, cell: l.cell })),
    }],
  });
}
