/** What the ledger says, for people. */
import type { Ledger } from '../api/types';

export const PLACES = ['stored', 'duplicate', 'quarantined', 'erased', 'expired'] as const;

export interface PartitionState {
  partition: number;
  log: number;
  store: number;
  difference: number;
}

/** How far the store is behind the log, by partition; a store may follow logs that are other servers', of which only its own positions are known. */
export function behind(ledger: Pick<Ledger, 'log' | 'positions'>): PartitionState[] {
  const store = new Map(ledger.positions.map((one) => [one.partition, one.offset]));
  return ledger.log.map(({ partition, offset }) => {
    const applied = Math.min(store.get(partition) ?? 0, offset);
    return { partition, log: offset, store: applied, difference: offset - applied };
  });
}

/** Which partitions are near the end of what Kafka keeps, and the least time that is left to any of them, where it is known. */
export function nearing({ nearing: near }: Pick<Ledger, 'nearing'>): { partitions: string; leftMs: number | null } | null {
  if (near.length === 0) return null;
  const known = near.flatMap((one) => (one.left_ms === null ? [] : [one.left_ms]));
  return { partitions: near.map((one) => one.partition).join(', '), leftMs: known.length > 0 ? Math.max(0, Math.min(...known)) : null };
}
