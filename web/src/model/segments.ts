/** The page of a segment: its state is the segment alone. */
import { texts } from '../texts';
import { textOf, type Raw } from './report';
import { readSegment, segmentText } from './segment';

export const PEOPLE_PAGE = 50;

export interface SegmentsSearch {
  /** A segment as JSON; without it, everybody. */
  who?: string;
}

export function readSegmentsSearch(raw: Raw): SegmentsSearch {
  const who = textOf(raw['who']);
  return who === undefined || readSegment(who) === null ? {} : { who };
}

/** Periods stand in the segment itself, so a range changes nothing. */
export function segmentsQuery(search: SegmentsSearch) {
  const segment = readSegment(search.who);
  return { ...(segment === null ? {} : { segment }), limit: PEOPLE_PAGE };
}

export function segmentsTitle(search: SegmentsSearch): string {
  const segment = readSegment(search.who);
  return segment === null ? texts.explore.segments.everybody : texts.explore.segments.sentence(segmentText(segment));
}
