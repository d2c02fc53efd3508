import { expect, test } from 'vitest';
import type { Tile } from '../api/saved';
import { addTile, hasRange, moveTile, readDashboardSearch, removeTile, resizeTile, sameState, stateOf, TILES_MAX } from './dashboard';
import { scope } from './report';

const tiles = (...reports: string[]): Tile[] => reports.map((report) => ({ report, width: 1 }));
const order = (list: Tile[]) => list.map((tile) => tile.report).join('');

test('tiles are added at the end, moved, resized and removed', () => {
  const abc = tiles('a', 'b', 'c');
  expect(order(addTile(abc, 'd'))).toBe('abcd');
  expect(order(moveTile(abc, 0, 2))).toBe('bca');
  expect(order(moveTile(abc, 2, 0))).toBe('cab');
  expect(order(moveTile(abc, 1, 9))).toBe('acb');
  expect(order(moveTile(abc, 1, -1))).toBe('bac');
  expect(moveTile(abc, 5, 0)).toBe(abc);
  expect(moveTile(abc, 1, 1)).toBe(abc);
  expect(order(removeTile(abc, 1))).toBe('ac');
  expect(resizeTile(abc, 2, 3).map((tile) => tile.width)).toEqual([1, 1, 3]);
  expect(order(abc)).toBe('abc');
});

test('a dashboard has no more tiles than the server takes', () => {
  const full = tiles(...Array.from({ length: TILES_MAX }, () => 'a'));
  expect(addTile(full, 'b')).toBe(full);
});

test('the address names a dashboard and one range, or none', () => {
  expect(readDashboardSearch({ board: '12', days: '30' })).toEqual({ board: '12', days: 30 });
  expect(readDashboardSearch({ from: '2026-01-01', to: '2026-01-31', days: '30' })).toEqual({ from: '2026-01-01', to: '2026-01-31' });
  for (const wrong of [{ board: 'x' }, { days: '0' }, { days: 'x' }, { from: '2026-02-01', to: '2026-01-01' }, { from: '2026-01-01' }]) {
    expect(readDashboardSearch(wrong)).toEqual({});
  }
  expect(hasRange({})).toBe(false);
});

test('the range of a dashboard takes the place of the report’s own', () => {
  const at = { zone: 'UTC', now: Date.UTC(2026, 5, 15) };
  const own = { from: '2026-01-01', to: '2026-01-31' };
  expect(scope(own, at)).toEqual({ from: '2026-01-01', to: '2026-02-01' });
  expect(scope(own, at, { days: 7 })).toEqual({ from: '2026-06-09', to: '2026-06-16' });
  expect(scope({ days: 7 }, at, own)).toEqual({ from: '2026-01-01', to: '2026-02-01' });
});

test('a state is the address without the project and what is not set', () => {
  expect(stateOf({ project: '1', event: 'Buy', where: undefined, group: [], days: 14 })).toEqual({ event: 'Buy', days: 14 });
  expect(sameState({ event: 'Buy', days: 14 }, { days: '14', event: 'Buy', group: [], project: '2' })).toBe(true);
  expect(sameState({ group: ['a', 'b'] }, { group: ['b', 'a'] })).toBe(false);
  expect(sameState({ event: 'Buy' }, { event: 'Sell' })).toBe(false);
});
