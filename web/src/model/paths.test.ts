import { describe, expect, it } from 'vitest';
import type { PathsAnswer } from '../api/types';
import { flowOf, levelsTable, linksTable, nodeLabel, pathsQuery, pathsTitle, readPathsSearch, shortNode } from './paths';
import { tableCsv } from './table';
import { readSearch, writeSearch } from './url';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };

describe('the question of paths', () => {
  it('is whole by default, and nonsense becomes the default', () => {
    const search = readPathsSearch({ direction: 'up', depth: '99', top: '7', collapse: 'maybe' });
    expect(search).toEqual({ direction: 'from', depth: 4, top: 5, collapse: true, node: [], days: 30 });
    expect(pathsQuery({ ...search, days: 7 }, UTC)).toEqual({ depth: 4, collapse: true, top: 5, from: '2026-03-04', to: '2026-03-11' });
  });

  it('survives the way through an address', () => {
    const search = readPathsSearch({ direction: 'to', anchor: 'Buy', depth: '2', top: '10', collapse: 'false', node: ['type:click', 'Look'], days: '7', who: '{"list":"x"}' });
    expect(readPathsSearch(readSearch(writeSearch({ ...search })))).toEqual(search);
  });

  it('names where sessions end, where they are followed back from there', () => {
    expect(pathsQuery(readPathsSearch({ direction: 'to' }), UTC)).toMatchObject({ end: { all: [] } });
    expect(pathsQuery(readPathsSearch({ direction: 'to', anchor: 'Buy' }), UTC)).toMatchObject({ end: 'Buy' });
    expect(pathsQuery(readPathsSearch({ anchor: 'Buy', node: 'type:click' }), UTC)).toMatchObject({ start: 'Buy', nodes: [{ type: 'click' }] });
    expect(pathsTitle(readPathsSearch({ direction: 'to', anchor: 'Buy', depth: '1' }))).toBe('Pages in sessions up to Buy, 1 step');
  });
});

const answer: PathsAnswer = {
  paths: {
    sessions: 120,
    levels: [
      { nodes: [{ node: { path: '/' }, count: 120, exit: 20, beyond: 0, next: [{ to: 0, count: 70 }, { to: 1, count: 30 }] }] },
      { nodes: [{ node: { path: '/a' }, count: 70, exit: 50, beyond: 20, next: [] }, { node: 'other', count: 30, exit: 30, beyond: 0, next: [] }] },
    ],
  },
  as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 },
};

describe('the answer of paths', () => {
  const search = readPathsSearch({ depth: '1' });

  it('is a flow in which all that goes in comes out', () => {
    const { nodes, links } = flowOf(search, answer);
    expect(nodes.map(({ id, kind, count }) => [id, kind, count])).toEqual([['0 0', 'node', 120], ['0 0 exit', 'exit', 20], ['1 0', 'node', 70], ['1 1', 'other', 30]]);
    expect(links.reduce((sum, link) => sum + link.count, 0)).toBe(120);
    expect(links.map(({ cell }) => cell)).toEqual([{ at: 0, node: 0, to: 0 }, { at: 0, node: 0, to: 1 }, { at: 0, node: 0, who: 'exit' }]);
  });

  it('is drawn towards the end, where it is followed back', () => {
    const { links } = flowOf(readPathsSearch({ direction: 'to', depth: '1' }), answer);
    expect(links[0]).toMatchObject({ source: '1 0', target: '0 0' });
  });

  it('opens each node, whoever left and whoever went on', () => {
    const [first, second] = levelsTable(search, answer).rows;
    expect(first?.label).toBe('Start: /');
    expect(first?.cells.map(({ value, cell }) => [value, cell])).toEqual([[120, { at: 0, node: 0 }], ['100%', undefined], [20, { at: 0, node: 0, who: 'exit' }], [0, undefined]]);
    expect(second?.cells[3]).toEqual({ value: 20, cell: { at: 1, node: 0, who: 'beyond' } });
  });

  it('is saved with the numbers between nodes', () => {
    expect(tableCsv(linksTable(search, answer))).toEqual([['From and to', 'Sessions'], ['/ → /a', 70], ['/ → other', 30], ['/ → Left', 20]]);
  });

  it('names nodes that are conditions', () => {
    expect(nodeLabel({ event: 'click' }, search)).toBe('Click');
    expect(nodeLabel('start', readPathsSearch({ anchor: 'Buy' }))).toBe('Buy');
  });
});

it.each([
  ['/cart', 10, '/cart'], ['/items/ridgeline-2-tent', 10, '…/ridgeline-2-tent'], ['/items/ridgeline-2-tent', 40, '/items/ridgeline-2-tent'], ['/a-long-way-home/', 8, '/a-long-way-home/'],
  ['/items/tents/', 8, '…/tents/'], ['Add to cart', 5, 'Add to cart'],
])('%s in %i letters is %s', (label, most, short) => {
  expect(shortNode(label, most)).toBe(short);
});
