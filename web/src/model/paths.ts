/** Paths: the question as it stands in the URL, the query it asks, and its answer as tables and as a flow. */
import type { PathNode, PathNodeName, PathsAnswer, PathsQuery, PeopleCell, ReportQuery } from '../api/answers';
import { texts } from '../texts';
import { eventLabel, eventOf, isEventRef, type EventRef } from './eventRef';
import { percent } from './format';
import { opens } from './lines';
import { list, oneOf, readScope, scopeQuery, text, wholeNumber, type Moment, type Range, type Raw, type Scope } from './scope';
import type { Table } from './table';

const t = texts.reports.paths;

export const DIRECTIONS = ['from', 'to'] as const;
export const PATH_TOPS = [5, 10, 20] as const;
const MAX_DEPTH = 10;
const MAX_NODES = 30;

export interface PathsSearch extends Scope {
  direction: (typeof DIRECTIONS)[number];
  /** Without it, from where sessions begin or to where they end. */
  anchor?: EventRef;
  depth: number;
  top: number;
  collapse: boolean;
  /** What a step can be; without any, pages. */
  node: EventRef[];
}

export function readPathsSearch(raw: Raw): PathsSearch {
  const search: PathsSearch = {
    direction: oneOf(DIRECTIONS, raw['direction'], 'from'),
    depth: wholeNumber(raw['depth'], 1, MAX_DEPTH) ?? 4,
    top: PATH_TOPS.find((n) => n === Number(raw['top'])) ?? 5,
    collapse: String(raw['collapse']) !== 'false',
    node: list(raw['node']).filter(isEventRef).slice(0, MAX_NODES),
    ...readScope(raw, 30),
  };
  const anchor = text(raw['anchor']);
  // To go back from the last event of sessions, something has to be named: any event is the last one.
  if (isEventRef(anchor)) search.anchor = anchor;
  return search;
}

export function pathsQuery(search: PathsSearch, at: Moment, range?: Range): ReportQuery {
  const paths: PathsQuery = { depth: search.depth, collapse: search.collapse, top: search.top, ...scopeQuery(search, at, range) };
  if (search.direction === 'to') paths.end = search.anchor === undefined ? { all: [] } : eventOf(search.anchor);
  else if (search.anchor !== undefined) paths.start = eventOf(search.anchor);
  if (search.node.length > 0) paths.nodes = search.node.map(eventOf);
  return { paths };
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
  if (name.startsWith('{')) return eventLabel(`@${name}`);
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
  cell: PeopleCell;
  title: string;
}

export interface FlowLink {
  source: string;
  target: string;
  count: number;
  cell: PeopleCell;
  title: string;
}

export interface Flow {
  nodes: FlowNode[];
  links: FlowLink[];
  levels: number;
}

/** Where sessions go on from each node, the ends being nodes too; paths that lead to something are drawn towards it. */
export function flowOf(search: PathsSearch, { paths }: PathsAnswer): Flow {
  const back = search.direction === 'to';
  const flow: Flow = { nodes: [], links: [], levels: paths.levels.length };
  const link = (from: string, to: string, count: number, cell: PeopleCell, title: string) =>
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
