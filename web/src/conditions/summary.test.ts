import { expect, it } from 'vitest';
import type { Predicate } from '../api/types';
import { summary } from './summary';

const buy: Predicate = { property: 'target_text', is: 'Buy' };

it.each<[Predicate, string]>([
  [{ all: [{ type: 'click' }, buy] }, 'Click and target_text is “Buy”'],
  [{ any: [{ all: [{ type: 'click' }, buy] }, { not: { property: 'path', is_set: true } }] }, '(Click and target_text is “Buy”) or not (path is set)'],
  [{ all: [{ any: [buy] }, { user: 'plan', in: ['pro', 3] }] }, 'target_text is “Buy” and plan is one of “pro, 3”'],
])('says a predicate in words: %j', (predicate, words) => {
  expect(summary(predicate)).toBe(words);
});
