import { SankeyChart, type SankeySeriesOption } from 'echarts/charts';
import { use, type ComposeOption } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { useCallback } from 'react';
import { number } from '../../model/format';
import { shortNode, type Flow } from '../../model/paths';
import { EChart, type Look } from '../../reports/chart/EChart';
import { colorsOf, frame, type ChartOption } from '../../reports/chart/option';
import { tipBox } from '../../reports/chart/tip';
import { lineStyle } from '../../reports/palette';
import reports from '../../reports/reports.module.css';
import type { PeopleAsk } from '../../reports/types';

use([SankeyChart, LabelLayout]);

const EXIT = '#cf5446';
const OTHER = '#8b949c';
const GAP_PX = 12;
const NODE_PX = 14;
/** About what a letter takes. */
const LETTER_PX = 6.5;

interface SankeyProps {
  flow: Flow;
  /** Towards where sessions end. */
  reversed: boolean;
  height: number;
  /** Of the step that has the most. */
  most: number;
  label: string;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** Sessions as a flow from node to node; each node and each band opens its people. */
export function Sankey({ flow, reversed, height, most, label, onPeople }: SankeyProps) {
  const option = useCallback((look: Look) => sankeyOption(flow, reversed, gapOf(height, most), look), [flow, reversed, height, most]);
  const pick = (_series: number, at: number, part?: string) => {
    const found = part === 'edge' ? flow.links[at] : flow.nodes[at];
    if (found) onPeople?.({ cell: found.cell, title: `${found.title}: ${number(found.count)}` });
  };
  return <EChart option={option} height={height} label={label} onPick={onPeople && pick} />;
}

/** The gaps of a full step take a third of the height at most, so that its nodes are seen. */
const gapOf = (height: number, most: number) => Math.max(2, Math.min(GAP_PX, Math.floor(height / (3 * most))));

/** A node has its colour on whichever step it stands. */
function sankeyOption(flow: Flow, reversed: boolean, nodeGap: number, look: Look): ChartOption {
  const places = new Map([...new Set(flow.nodes.filter((n) => n.kind === 'node').map((n) => n.label))].map((label, i) => [label, i]));
  const colors = colorsOf(look);
  const right = look.narrow ? 60 : 130;
  // A name ends before the next step begins, and the last step's before the edge.
  const room = Math.min(right, Math.floor((look.width - right - NODE_PX) / Math.max(1, flow.levels - 1)) - NODE_PX) - 6;
  const labels = new Map(flow.nodes.map((n) => [n.id, shortNode(n.label, room / LETTER_PX)]));
  const option: ComposeOption<SankeySeriesOption> = {
    ...frame,
    tooltip: {
      trigger: 'item', confine: true, className: reports.tooltip ?? '', transitionDuration: 0, extraCssText: 'padding:0;border:0',
      formatter: (params: { dataType?: string; dataIndex: number }) => {
        const found = params.dataType === 'edge' ? flow.links[params.dataIndex] : flow.nodes[params.dataIndex];
        return tipBox(found?.title ?? '', [{ label: '', value: number(found?.count ?? 0) }]);
      },
    } as never,
    series: [{
      type: 'sankey', left: 4, right, top: 8, bottom: 8, nodeWidth: NODE_PX, nodeGap, draggable: false, layoutIterations: 24, nodeAlign: 'left', cursor: 'pointer',
      emphasis: { focus: 'trajectory' }, lineStyle: { color: 'gradient', opacity: 0.3, curveness: 0.5 },
      // Of names that would meet, the first stays; the others are said where the pointer is.
      labelLayout: { hideOverlap: true },
      label: { color: colors.label, width: room, overflow: 'truncate', fontSize: 12, formatter: ({ name }) => labels.get(String(name)) ?? '' },
      data: flow.nodes.map((n) => ({
        name: n.id, depth: reversed ? flow.levels - 1 - n.level : n.level,
        itemStyle: { color: n.kind === 'exit' ? EXIT : n.kind === 'other' ? OTHER : lineStyle(places.get(n.label) ?? 0, false).color, borderWidth: 0 },
      })),
      links: flow.links.map((l) => ({ source: l.source, target: l.target, value: l.count })),
    }],
  };
  return option as ChartOption;
}
