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
  | { sum: string } | { avg: string } | { min: string } | { max: string } | { percentile: { of: string; p: number } }
  | { histogram: { of: string; bins: number } | { of: string; edges: number[] } };
export const INTERVALS = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'whole'] as const;
export type Interval = (typeof INTERVALS)[number];
export type GroupKey = { event: string } | { user: string } | { segment: Segment; name?: string };

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
  /** Events of all projects, over the last ten seconds. */
  applied_per_s: number;
  /** Partitions of which Kafka may soon forget what is not stored; the time left is null where it is not known. */
  nearing: { partition: number; left_ms: number | null }[];
  /** The server that takes events and changes, where this one is its replica. */
  primary: string | null;
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

/** Of each bucket, of each step. */
export type FunnelOverTime = Pick<FunnelStep, 'reached' | 'dropped' | 'open'>[][];

export interface FunnelSeries {
  group: Scalar[] | null;
  other: boolean;
  steps: FunnelStep[];
  conversion: Conversion;
  over_time?: FunnelOverTime;
}

export interface FunnelAnswer {
  funnel: {
    series: FunnelSeries[]; total: FunnelStep[]; conversion: Conversion; edges_ms: number[];
    /** If an interval was asked for. */
    buckets?: string[]; over_time?: FunnelOverTime;
  };
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

/** An event of a question: a definition's name, or a predicate. */
export type EventLike = string | Predicate;

/** Users by what they did and what they are. */
export type Segment =
  | { all: Segment[] }
  | { any: Segment[] }
  | { not: Segment }
  | ({ user: string } & Comparison)
  | ({ did: EventLike; then?: EventLike; within?: string } & Counted & Period)
  | ({ did_first: EventLike } & Period)
  | { users: ({ handle: string } | { id: string })[] }
  | { list: string };

interface Counted {
  at_least?: number;
  at_most?: number;
  exactly?: number;
  more_than?: number;
  fewer_than?: number;
}

interface Period {
  in?: string;
  from?: string;
  to?: string;
}

export interface GraphAnswer {
  graph: { buckets: string[]; series: Series[]; total: { values: (number | null)[]; total: number | null } };
  as_of: number;
  explain: Explain;
}

/** Numbers in bins: `edges` are one more than the values of a series. */
export interface HistogramAnswer {
  graph: GraphAnswer['graph'] & { edges?: number[]; skipped: number; outside: number };
  as_of: number;
  explain: Explain;
}

export interface StickinessAnswer {
  stickiness: { intervals: { from: string; users: number; days: number[] }[] };
  as_of: number;
  explain: Explain;
}

export interface LifecycleAnswer {
  lifecycle: { intervals: { from: string; new: number; returning: number; resurrecting: number; dormant: number }[] };
  as_of: number;
  explain: Explain;
}

export type PathNodeName = 'start' | 'other' | { path: string } | { event: string };

export interface PathNode {
  node: PathNodeName;
  count: number;
  exit: number;
  beyond: number;
  next: { to: number; count: number }[];
}

export interface PathsAnswer {
  paths: { sessions: number; levels: { nodes: PathNode[] }[] };
  as_of: number;
  explain: Explain;
}
