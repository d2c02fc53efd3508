/** The page of a segment: its state is the segment alone. */
import type { ReportQuery } from '../api/answers';
import { PEOPLE_PAGE } from '../api/reports';
import { texts } from '../texts';
import { readScope, type Moment, type Range, type Raw, type Scope } from './scope';
import { readSegment, segmentText } from './segment';

/** Periods stand in the segment itself, so there is no range. */
export type SegmentsSearch = Scope;

export function readSegmentsSearch(raw: Raw): SegmentsSearch {
  const { who } = readScope(raw, 1);
  return who === undefined ? {} : { who };
}

export function segmentsQuery(search: SegmentsSearch, _at: Moment, _range?: Range): ReportQuery {
  const segment = readSegment(search.who);
  return { users: { ...(segment === null ? {} : { segment }), limit: PEOPLE_PAGE } };
}

export function segmentsTitle(search: SegmentsSearch): string {
  const segment = readSegment(search.who);
  return segment === null ? texts.reports.segments_.everybody : texts.reports.segments_.sentence(segmentText(segment));
}
