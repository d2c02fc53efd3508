import { expect, test } from 'vitest';
import { behind } from './ledger';

test('the store is behind the log by what it has not applied', () => {
  const log = [{ partition: 0, offset: 9 }, { partition: 1, offset: 4 }];
  expect(behind({ log, positions: [{ partition: 0, offset: 7 }] })).toEqual([
    { partition: 0, log: 9, store: 7, difference: 2 },
    { partition: 1, log: 4, store: 0, difference: 4 },
  ]);
});

test('positions that were read a moment later are not ahead', () => {
  expect(behind({ log: [{ partition: 0, offset: 9 }], positions: [{ partition: 0, offset: 10 }] })[0]?.difference).toBe(0);
});
