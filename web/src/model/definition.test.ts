import { expect, test } from 'vitest';
import type { Predicate } from '../api/types';
import { changeOf, combine, difference, sparkline } from './definition';

const click: Predicate = { type: 'click' };
const buy: Predicate = { all: [click, { selector: '#buy' }] };
const menu: Predicate = { all: [click, { selector: '#menu' }] };

test('what a change adds and loses are predicates of their own', () => {
  expect(difference(buy, menu)).toEqual({ added: { all: [menu, { not: buy }] }, lost: { all: [buy, { not: menu }] } });
});

test('several meanings become one, without nesting and without saying anything twice', () => {
  expect(combine([buy, menu], 'any')).toEqual({ any: [buy, menu] });
  expect(combine([buy, menu], 'all')).toEqual({ all: [click, { selector: '#buy' }, { selector: '#menu' }] });
  expect(combine([buy, buy], 'any')).toEqual(buy);
  expect(combine([click, click], 'all')).toEqual(click);
  expect(combine([{ any: [click, buy] }, menu], 'all')).toEqual({ all: [{ any: [click, buy] }, click, { selector: '#menu' }] });
});

test('a change is told in percent, unless there was nothing', () => {
  expect(changeOf(100, 150)).toBe(50);
  expect(changeOf(3, 2)).toBe(-33);
  expect(changeOf(0, 9)).toBeNull();
});

test('a sparkline goes from left to right, higher for more', () => {
  expect(sparkline([0, 5, 10], 100, 20, 0)).toBe('0,20 50,10 100,0');
  expect(sparkline([0, 0], 100, 20, 0)).toBe('0,20 100,20');
  expect(sparkline([4], 100, 20, 0)).toBe('0,0');
});
