import { expect, test } from 'vitest';
import { keepsLess, readMasks } from './settings';
import { snippet } from './snippet';

test('only a shorter time takes events away', () => {
  expect(keepsLess(null, 30)).toBe(true);
  expect(keepsLess(60, 30)).toBe(true);
  expect(keepsLess(30, 30)).toBe(false);
  expect(keepsLess(30, 60)).toBe(false);
  expect(keepsLess(30, null)).toBe(false);
});

test('masks stand one in a line', () => {
  expect(readMasks(' .profile \n\n[data-x], #y\n.profile')).toEqual(['.profile', '[data-x], #y']);
  expect(readMasks('\n')).toEqual([]);
});

test('masks are part of the tag, and stay within their attribute', () => {
  expect(snippet('https://a.example', 'ck_1')).not.toContain('data-mask');
  expect(snippet('https://a.example', 'ck_1', ['.a', '[x="1"]'])).toContain(' data-mask=".a,[x=&quot;1&quot;]">');
  expect(snippet('https://a.example', 'ck_1', ['a[b="&amp;"]'])).toContain('data-mask="a[b=&quot;&amp;amp;&quot;]"');
});
