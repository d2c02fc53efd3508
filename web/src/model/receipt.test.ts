import { expect, test } from 'vitest';
import { receiptOf } from './receipt';

test('a receipt says what, when and how many', () => {
  const mentions = { reports: ['Orders of jane'], dashboards: [], definitions: [], lists: [] };
  const erasure = { users: ['1', '2'], at: 1_764_000_000_000, events: 12, lists: 1, mentions, purged: false, purge_at: 1_764_000_600_000 };
  expect(receiptOf({ id: '1', name: 'Shop' }, { handle: 'jane' }, erasure)).toEqual({
    what: 'erasure', project: { id: '1', name: 'Shop' }, handle: 'jane', user_ids: ['1', '2'],
    erased_up_to: '2025-11-24T16:00:00.000Z', events: 12, lists: 1, still_named_by: mentions, files_cleared: false, files_cleared_from: '2025-11-24T16:10:00.000Z',
  });
  expect(receiptOf({ id: '1', name: 'Shop' }, { handle: null }, { ...erasure, purged: true, purge_at: null }).files_cleared_from).toBeNull();
});
