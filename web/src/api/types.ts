/** The shapes of docs/api.md. */

export type Scalar = string | number | boolean | null;
export type PropertyValue = Scalar | Scalar[];

export const EVENT_TYPES = ['pageview', 'click', 'change', 'submit', 'custom', 'session'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface CairnEvent {
  user_id: string;
  person: string | null;
  event_id: string;
  time: number;
  received_at: number;
  type: string;
  /** The name of a custom event. */
  name?: string | null;
  properties: Record<string, PropertyValue>;
  definitions: string[];
}

export interface Project {
  id: string;
  name: string;
  zone: string;
  write_key: string;
  created_at: number;
  /** Keys that are still taken, newest first. */
  former_keys: { key: string; replaced_at: number }[];
  /** For how many days events are kept; null: for ever. */
  retention_days: number | null;
  /** Selectors of elements whose text is not captured. */
  masks: string[];
}

export const OPS = [
  'is', 'is_not', 'contains', 'starts_with', 'ends_with', 'glob', 'regex', 'in',
  '>', '>=', '<', '<=', 'is_set', 'is_not_set',
] as const;
export type Op = (typeof OPS)[number];

type Comparison = { [K in Op]?: PropertyValue };
export type Condition =
  | { type: string }
  | { name: string }
  | { selector: string }
  | ({ property: string } & Comparison)
  | ({ user: string } & Comparison);
export type Predicate = Condition | { all: Predicate[] } | { any: Predicate[] } | { not: Predicate };

export interface Definition {
  name: string;
  predicate: Predicate;
  created_at: number;
}

export interface Preview {
  count: number;
  users: number;
  latest: CairnEvent[];
  total_ms: number;
}

export type Measure =
  | 'count' | 'users' | 'sessions' | 'count_per_user'
  | { sum: string } | { avg: string } | { min: string } | { max: string } | { percentile: { of: string; p: number } };
export const INTERVALS = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'whole'] as const;
export type Interval = (typeof INTERVALS)[number];
export type GroupKey = { event: string } | { user: string };

export interface Explain {
  sentence: string;
  rows: number;
  total_ms: number;
}

export interface Series {
  /** One value for each key; null stands for the rest beyond the top groups. */
  group: Scalar[] | null;
  other: boolean;
  values: (number | null)[];
  total: number | null;
  /** Averages over the last buckets, the first ones null. */
  trailing?: (number | null)[];
}

export type GraphLine = ({ event: string } | { formula: string }) & { series: Series[]; total: Omit<Series, 'group' | 'other'> };

export interface GraphsAnswer {
  graphs: {
    buckets: string[];
    lines: GraphLine[];
    previous?: { from: string; buckets: (string | null)[]; lines: GraphLine[] };
  };
  as_of: number;
  explain: Explain;
}

export interface Ledger {
  accepted: number;
  stored: number;
  duplicate: number;
  quarantined: number;
  erased: number;
  expired: number;
  refused: Record<string, number>;
  /** Next offsets: all before is in the answers, and in the log. */
  positions: Position[];
  log: Position[];
  lag_ms: number;
  delay: { last_ms: number | null; slowest_ms: number | null };
  sizes: { store_bytes: number; shared: boolean; log_bytes: number };
}

export interface Position {
  partition: number;
  offset: number;
}

export interface DefinitionIndex {
  definitions: string[];
  name: string;
  state: 'wanted' | 'building' | 'valid' | 'failed' | 'retired';
  tries: number;
  last_error: string | null;
  size_bytes: number | null;
  phase: string | null;
  done: number | null;
}

export interface FunnelStep {
  reached: number;
  dropped: number;
  open: number;
  median_ms: number | null;
  p90_ms: number | null;
  /** Of the times from the step before, by `edges_ms`; left out where nobody came. */
  histogram?: number[];
}

export interface Conversion {
  median_ms: number | null;
  p90_ms: number | null;
  histogram?: number[];
}

export interface FunnelSeries {
  group: Scalar[] | null;
  other: boolean;
  steps: FunnelStep[];
  conversion: Conversion;
}

export interface FunnelAnswer {
  funnel: { series: FunnelSeries[]; total: FunnelStep[]; conversion: Conversion; edges_ms: number[] };
  as_of: number;
  explain: Explain;
}

export interface RetentionCohort {
  from: string | null;
  group: Scalar[] | null;
  other: boolean;
  users: number;
  cells: { users: number; complete: boolean; sentence: string }[];
}

export interface RetentionAnswer {
  retention: { cohorts: RetentionCohort[]; total: RetentionCohort };
  as_of: number;
  explain: Explain;
}
