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

/** An event of a question: a definition's name, or a predicate. */
export type EventLike = string | Predicate;

export const INTERVALS = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'whole'] as const;
export type Interval = (typeof INTERVALS)[number];
export type GroupKey = { event: string } | { user: string } | { segment: Segment; name?: string };

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

export interface Ledger {
  accepted: number;
  stored: number;
  duplicate: number;
  quarantined: number;
  erased: number;
  expired: number;
  refused: Record<string, number>;
  positions: { partition: number; offset: number }[];
  lag_ms: number;
}
