/** The page of a segment: its state is the segment alone. */
import { texts } from '../texts';
import { rangeOf, textOf, type At, type RangeSearch, type Raw } from './report';
import { readSegment, segmentText } from './segment';
import { overDates } from './segmentRange';
import { addDays } from './time';

export const PEOPLE_PAGE = 50;

export interface SegmentsSearch {
  /** A segment as JSON; without it, everybody. */
  who?: string;
}

export function readSegmentsSearch(raw: Raw): SegmentsSearch {
  const who = textOf(raw['who']);
  return who === undefined || readSegment(who) === null ? {} : { who };
}

/** The same over the dates of a dashboard; null where it keeps its own periods. */
export function segmentsWithin(search: SegmentsSearch, at: At, range: RangeSearch): SegmentsSearch | null {
  const segment = readSegment(search.who);
  const { from, to } = rangeOf(range, at);
  const moved = segment === null ? null : overDates(segment, { from, to: addDays(to, 1) });
  return moved === null ? null : { who: JSON.stringify(moved) };
}

/** Periods stand in the segment itself. */
export function segmentsQuery(search: SegmentsSearch) {
  const segment = readSegment(search.who);
  return { ...(segment === null ? {} : { segment }), limit: PEOPLE_PAGE };
}

export function segmentsTitle(search: SegmentsSearch): string {
  const segment = readSegment(search.who);
  return segment === null ? texts.explore.segments.everybody : texts.explore.segments.sentence(segmentText(segment));
}
