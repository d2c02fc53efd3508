/** The questions and answers of reports, as in docs/api.md. */
import type { EventLike, GroupKey, Interval, Predicate, PropertyValue, Scalar, Segment } from './types';

export type MeasureQuery =
  | 'count' | 'users' | 'sessions' | 'count_per_user'
  | { sum: string } | { avg: string } | { min: string } | { max: string }
  | { percentile: { of: string; p: number } };

interface Asked {
  from: string;
  to: string;
  where?: Predicate;
  segment?: Segment;
  group_by?: GroupKey[];
  top?: number;
  as_of?: number;
}

export interface GraphsQuery extends Asked {
  events: { event: EventLike; measure: MeasureQuery }[];
  formulas?: string[];
  previous?: boolean;
  trailing?: number;
  interval: Interval;
}

export interface GraphQuery extends Asked {
  event: EventLike;
  measure: MeasureQuery | { histogram: { of: string; bins: number } | { of: string; edges: number[] } };
  interval: Interval;
}

export interface FunnelQuery extends Asked {
  steps: EventLike[];
  window: string;
  order?: string;
  per?: string;
  hold?: string[];
  exclude?: EventLike[];
  interval?: Interval;
}

export interface RetentionQuery extends Asked {
  start: EventLike;
  return: EventLike;
  interval: Interval;
  periods: number;
  mode: string;
  returned: string;
}

export interface ActivityQuery extends Asked {
  event: EventLike;
  interval: Interval;
}

export interface PathsQuery extends Asked {
  start?: EventLike;
  end?: EventLike;
  nodes?: EventLike[];
  depth: number;
  collapse: boolean;
}

export interface UsersQuery {
  segment?: Segment;
  search?: string;
  sort?: { by: unknown; descending?: boolean };
  offset?: number;
  limit: number;
  as_of?: number;
}

export type ReportQuery =
  | { graphs: GraphsQuery }
  | { graph: GraphQuery }
  | { funnel: FunnelQuery }
  | { retention: RetentionQuery }
  | { stickiness: ActivityQuery }
  | { lifecycle: ActivityQuery }
  | { paths: PathsQuery }
  | { users: UsersQuery };

/** Says which number of an answer: see “People behind a number”. */
export type PeopleCell = Record<string, unknown>;

export interface Explained {
  as_of: number;
  explain: { sentence: string; rows: number; total_ms: number };
}

export interface Series {
  /** One value for each key; null stands for the rest beyond the top groups. */
  group: Scalar[] | null;
  other: boolean;
  values: (number | null)[];
  total: number | null;
  trailing?: (number | null)[];
}

export interface GraphLine {
  event?: string;
  formula?: string;
  series: Series[];
  total: { values: (number | null)[]; total: number | null; trailing?: (number | null)[] };
}

export interface GraphsAnswer extends Explained {
  graphs: { buckets: string[]; lines: GraphLine[]; previous?: { from: string; buckets: (string | null)[]; lines: GraphLine[] } };
}

export interface GraphAnswer extends Explained {
  graph: {
    buckets: string[];
    series: Series[];
    total: { values: (number | null)[]; total: number | null };
    edges?: number[];
    skipped?: number;
  };
}

export interface FunnelCount {
  reached: number;
  dropped: number;
  open: number;
}

export interface FunnelTime {
  median_ms: number | null;
  p90_ms: number | null;
  histogram?: number[];
}

export type FunnelStep = FunnelCount & FunnelTime;

export interface FunnelSeries {
  group: Scalar[] | null;
  other: boolean;
  steps: FunnelStep[];
  conversion: FunnelTime;
  over_time?: FunnelCount[][];
}

export interface FunnelAnswer extends Explained {
  funnel: {
    series: FunnelSeries[];
    total: FunnelStep[];
    conversion: FunnelTime;
    edges_ms: number[];
    buckets?: string[];
    over_time?: FunnelCount[][];
  };
}

export interface Cohort {
  from: string | null;
  group: Scalar[] | null;
  other: boolean;
  users: number;
  cells: { users: number; complete: boolean; sentence: string }[];
}

export interface RetentionAnswer extends Explained {
  retention: { cohorts: Cohort[]; total: Cohort };
}

export interface StickinessAnswer extends Explained {
  stickiness: { intervals: { from: string; users: number; days: number[] }[] };
}

export interface LifecycleAnswer extends Explained {
  lifecycle: { intervals: { from: string; new: number; returning: number; resurrecting: number; dormant: number }[] };
}

export type PathNodeName = 'start' | 'other' | { path: string } | { event: string };

export interface PathNode {
  node: PathNodeName;
  count: number;
  exit: number;
  beyond: number;
  next: { to: number; count: number }[];
}

export interface PathsAnswer extends Explained {
  paths: { sessions: number; levels: { nodes: PathNode[] }[] };
}

export interface Person {
  handle: string | null;
  user_ids: string[];
  properties: Record<string, PropertyValue>;
}

export interface UsersAnswer extends Explained {
  users: { total: number; users: Person[] };
}

export type ReportAnswer =
  | GraphsAnswer | GraphAnswer | FunnelAnswer | RetentionAnswer | StickinessAnswer | LifecycleAnswer | PathsAnswer | UsersAnswer;
