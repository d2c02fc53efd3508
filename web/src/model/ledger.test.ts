import { expect, test } from 'vitest';
import { behind, nearing } from './ledger';

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

test('of partitions that Kafka is about to forget, the least time counts', () => {
  expect(nearing({ nearing: [] })).toBeNull();
  expect(nearing({ nearing: [{ partition: 1, left_ms: null }] })).toEqual({ partitions: '1', leftMs: null });
  const near = [{ partition: 1, left_ms: 9_000 }, { partition: 4, left_ms: 5_000 }, { partition: 7, left_ms: null }];
  expect(nearing({ nearing: near })).toEqual({ partitions: '1, 4, 7', leftMs: 5_000 });
  expect(nearing({ nearing: [{ partition: 0, left_ms: -3 }] })?.leftMs).toBe(0);
});
