/** Paths: the question as it stands in the URL, the query it asks, and its answer as tables and as a flow. */
import type { PathNode, PathNodeName, PathsAnswer } from '../api/types';
import { texts } from '../texts';
import { percent } from './format';
import { eventLabel, listOf, oneOf, readEvent, readNarrow, readRange, scope, textOf, wholeOf, type At, type NarrowSearch, type RangeSearch, type Raw } from './report';
import { opens, type Table } from './table';

const t = texts.explore.paths;

export const DIRECTIONS = ['from', 'to'] as const;
export const PATH_TOPS = [5, 10, 20] as const;
const MAX_DEPTH = 10;
const MAX_NODES = 30;

export interface PathsSearch extends RangeSearch, NarrowSearch {
  direction: (typeof DIRECTIONS)[number];
  /** Without it, from where sessions begin or to where they end. */
  anchor?: string;
  depth: number;
  top: number;
  collapse: boolean;
  /** What a step can be; without any, pages. */
  node: string[];
}

export function readPathsSearch(raw: Raw): PathsSearch {
  const search: PathsSearch = {
    direction: oneOf(DIRECTIONS, raw['direction'], 'from'),
    depth: wholeOf(raw['depth'], 1, MAX_DEPTH) ?? 4,
    top: PATH_TOPS.find((n) => n === Number(raw['top'])) ?? 5,
    collapse: String(raw['collapse']) !== 'false',
    node: listOf(raw['node']).slice(0, MAX_NODES),
    ...readRange(raw, 30),
    ...readNarrow(raw),
  };
  const anchor = textOf(raw['anchor']);
  if (anchor !== undefined) search.anchor = anchor;
  return search;
}

export function pathsQuery(search: PathsSearch, at: At, range?: RangeSearch) {
  const { depth, collapse, top, direction, anchor, node } = search;
  // To go back from where sessions end, something has to be named: any event can be the last one.
  const ends = direction === 'to' ? { end: anchor === undefined ? { all: [] } : readEvent(anchor) } : anchor === undefined ? {} : { start: readEvent(anchor) };
  return { depth, collapse, top, ...ends, ...(node.length === 0 ? {} : { nodes: node.map(readEvent) }), ...scope(search, at, range) };
}

export function pathsTitle(search: PathsSearch): string {
  const what = search.node.length === 0 ? t.pages : search.node.map(eventLabel).join(', ');
  return t.sentence(what, search.direction, search.anchor === undefined ? null : eventLabel(search.anchor), search.depth);
}

export function nodeLabel(node: PathNodeName, search: PathsSearch): string {
  if (node === 'other') return texts.graph.other;
  if (node === 'start') return search.anchor === undefined ? t.start[search.direction] : eventLabel(search.anchor);
  return 'path' in node ? node.path : eventName(node.event);
}

/** The answer names a predicate without a name by its JSON or its type. */
function eventName(name: string): string {
  if (name.startsWith('{')) return eventLabel(name);
  return texts.type[name] ?? name;
}

export const stepLabel = (level: number, { direction }: PathsSearch) => (level === 0 ? t.first[direction] : t.step(level, direction));

export function levelsTable(search: PathsSearch, { paths }: PathsAnswer): Table {
  return {
    caption: t.caption,
    corner: t.node,
    columns: [{ label: t.sessions, strong: true }, { label: t.share }, { label: t.exit[search.direction] }, { label: t.beyond }],
    rows: paths.levels.flatMap(({ nodes }, at) => nodes.map((node, n) => ({
      id: `${at} ${n}`,
      label: `${stepLabel(at, search)}: ${nodeLabel(node.node, search)}`,
      muted: node.node === 'other',
      cells: [
        { value: node.count, ...opens(node.count, { at, node: n }) },
        { value: percent(node.count, paths.sessions) },
        { value: node.exit, ...opens(node.exit, { at, node: n, who: 'exit' }) },
        { value: node.beyond, ...opens(node.beyond, { at, node: n, who: 'beyond' }) },
      ],
    }))),
  };
}

export interface FlowNode {
  id: string;
  label: string;
  level: number;
  count: number;
  kind: 'node' | 'other' | 'exit';
  cell: Record<string, unknown>;
  title: string;
}

export interface FlowLink {
  source: string;
  target: string;
  count: number;
  cell: Record<string, unknown>;
  title: string;
}

export interface Flow {
  nodes: FlowNode[];
  links: FlowLink[];
  levels: number;
}

/** A path that is longer than so many letters without the folders that it begins with, which many have alike. */
export function shortNode(label: string, most: number): string {
  const last = label.lastIndexOf('/', label.length - 2);
  return label.length <= most || last <= 0 ? label : `…${label.slice(last)}`;
}

/** Where sessions go on from each node, the ends being nodes too; paths that lead to something are drawn towards it. */
export function flowOf(search: PathsSearch, { paths }: PathsAnswer): Flow {
  const back = search.direction === 'to';
  const flow: Flow = { nodes: [], links: [], levels: paths.levels.length };
  const link = (from: string, to: string, count: number, cell: Record<string, unknown>, title: string) =>
    flow.links.push(back ? { source: to, target: from, count, cell, title } : { source: from, target: to, count, cell, title });
  paths.levels.forEach(({ nodes }, at) => {
    nodes.forEach((node, n) => {
      const id = `${at} ${n}`;
      const label = nodeLabel(node.node, search);
      flow.nodes.push({ id, label, level: at, count: node.count, kind: node.node === 'other' ? 'other' : 'node', cell: { at, node: n }, title: `${stepLabel(at, search)}: ${label}` });
      for (const { to, count } of node.next) {
        link(id, `${at + 1} ${to}`, count, { at, node: n, to }, t.goesOn(label, nextLabel(paths.levels[at + 1]?.nodes[to], search)));
      }
      if (node.exit > 0 && at + 1 < paths.levels.length) {
        const exit = `${at} ${n} exit`;
        flow.nodes.push({ id: exit, label: t.exit[search.direction], level: at + 1, count: node.exit, kind: 'exit', cell: { at, node: n, who: 'exit' }, title: t.goesOn(label, t.exit[search.direction]) });
        link(id, exit, node.exit, { at, node: n, who: 'exit' }, t.goesOn(label, t.exit[search.direction]));
      }
    });
  });
  return flow;
}

const nextLabel = (node: PathNode | undefined, search: PathsSearch) => (node === undefined ? '' : nodeLabel(node.node, search));

export function linksTable(search: PathsSearch, answer: PathsAnswer): Table {
  const { links } = flowOf(search, answer);
  return {
    caption: t.linksCaption,
    corner: t.link,
    columns: [{ label: t.sessions, strong: true }],
    rows: links.map((one, i) => ({ id: String(i), label: one.title, cells: [{ value: one.count, ...opens(one.count, one.cell) }] })),
  };
}
