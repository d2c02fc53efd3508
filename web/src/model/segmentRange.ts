/** The dates of a segment, where a dashboard's take their place. */
import type { Segment } from '../api/types';

/** The first instant, and the first one after: as the API has them. */
export interface Dates {
  from: string;
  to: string;
}

/**
 * The segment over other dates, if all that users did in it is of one and the same period. Null if nothing in it has a period, or if there are
 * several: what is said between these would be lost.
 */
export function overDates(segment: Segment, dates: Dates): Segment | null {
  const periods = new Set(periodsOf(segment));
  return periods.size === 1 && !periods.has(EVER) ? moved(segment, dates) : null;
}

const EVER = '{}';

function partsOf(segment: Segment): Segment[] {
  if ('all' in segment) return segment.all;
  if ('any' in segment) return segment.any;
  return 'not' in segment ? [segment.not] : [];
}

/** Of each thing that users did, its period as text. */
function periodsOf(segment: Segment): string[] {
  if (!('did' in segment || 'did_first' in segment)) return partsOf(segment).flatMap(periodsOf);
  const { in: last, from, to } = segment;
  return [JSON.stringify({ last, from, to })];
}

function moved(segment: Segment, dates: Dates): Segment {
  if ('all' in segment) return { all: segment.all.map((part) => moved(part, dates)) };
  if ('any' in segment) return { any: segment.any.map((part) => moved(part, dates)) };
  if ('not' in segment) return { not: moved(segment.not, dates) };
  if (!('did' in segment || 'did_first' in segment)) return segment;
  const { in: _last, from: _from, to: _to, ...rest } = segment;
  return { ...rest, ...dates };
}
