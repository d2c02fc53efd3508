/** All kinds of reports: what pages, saved reports and dashboards know of them. Their drawings are loaded when they are needed. */
import { lazy } from 'react';
import type { UsersAnswer } from '../api/people';
import type { FunnelAnswer, GraphAnswer, GraphsAnswer, HistogramAnswer, PathsAnswer, RetentionAnswer } from '../api/types';
import { activityQuery, activityTable, activityTitle, readActivitySearch, type ActivityAnswer, type ActivitySearch } from '../model/activity';
import { funnelCsv, funnelQuery, funnelTitle, readFunnelSearch, type FunnelSearch } from '../model/funnel';
import { graphQuery, graphTitle, histogramOf, histogramQuery, readGraphSearch, type GraphSearch } from '../model/graph';
import { graphCsv } from '../model/graphCsv';
import { histogramTable } from '../model/histogram';
import { levelsTable, linksTable, pathsQuery, pathsTitle, readPathsSearch, type PathsSearch } from '../model/paths';
import { peopleTable } from '../model/peopleTable';
import { pivotQuery, pivotTable, pivotTitle, readPivotSearch, type PivotSearch } from '../model/pivot';
import { readRetentionSearch, retentionCsv, retentionQuery, retentionTitle, type RetentionSearch } from '../model/retention';
import { readSegmentsSearch, segmentsQuery, segmentsTitle, segmentsWithin, type SegmentsSearch } from '../model/segments';
import { tableCsv } from '../model/table';
import type { ReportKind } from './types';

const graph: ReportKind<GraphSearch, GraphsAnswer | HistogramAnswer> = {
  path: '/graph',
  read: readGraphSearch,
  query: (search, at, range) => (histogramOf(search) === null ? { graphs: graphQuery(search, at, range) } : { graph: histogramQuery(search, at, range) }),
  title: graphTitle,
  csv: (search, answer) => ('graph' in answer ? tableCsv(histogramTable(search, null, answer)) : graphCsv(search, answer)),
  Answer: lazy(() => import('../screens/graph/GraphAnswer').then((module) => ({ default: module.GraphAnswer }))),
};

const funnel: ReportKind<FunnelSearch, FunnelAnswer> = {
  path: '/funnel',
  read: readFunnelSearch,
  query: (search, at, range) => ({ funnel: funnelQuery(search, at, range) }),
  title: funnelTitle,
  csv: funnelCsv,
  Answer: lazy(() => import('../screens/funnel/FunnelAnswer').then((module) => ({ default: module.FunnelAnswer }))),
};

const retention: ReportKind<RetentionSearch, RetentionAnswer> = {
  path: '/retention',
  read: readRetentionSearch,
  query: (search, at, range) => ({ retention: retentionQuery(search, at, range) }),
  title: retentionTitle,
  csv: retentionCsv,
  Answer: lazy(() => import('../screens/retention/RetentionAnswer').then((module) => ({ default: module.RetentionAnswer }))),
};

const paths: ReportKind<PathsSearch, PathsAnswer> = {
  path: '/paths',
  read: readPathsSearch,
  query: (search, at, range) => ({ paths: pathsQuery(search, at, range) }),
  title: pathsTitle,
  csv: (search, answer) => [...tableCsv(levelsTable(search, answer)), [], ...tableCsv(linksTable(search, answer))],
  Answer: lazy(() => import('../screens/paths/PathsAnswer').then((module) => ({ default: module.PathsAnswer }))),
};

const pivot: ReportKind<PivotSearch, GraphAnswer> = {
  path: '/pivot',
  read: readPivotSearch,
  query: (search, at, range) => ({ graph: pivotQuery(search, at, range) }),
  title: pivotTitle,
  csv: (search, answer) => tableCsv(pivotTable(search, null, answer, null)),
  Answer: lazy(() => import('../screens/pivot/PivotAnswer').then((module) => ({ default: module.PivotAnswer }))),
};

const activity: ReportKind<ActivitySearch, ActivityAnswer> = {
  path: '/activity',
  read: readActivitySearch,
  query: activityQuery,
  title: activityTitle,
  csv: (search, answer) => tableCsv(activityTable(search, answer)),
  Answer: lazy(() => import('../screens/activity/ActivityAnswer').then((module) => ({ default: module.ActivityAnswer }))),
};

const segments: ReportKind<SegmentsSearch, UsersAnswer> = {
  path: '/segments',
  read: readSegmentsSearch,
  query: (search) => ({ users: segmentsQuery(search) }),
  within: segmentsWithin,
  numberFirst: true,
  title: segmentsTitle,
  csv: (_search, answer) => tableCsv(peopleTable(answer.users.users)),
  Answer: lazy(() => import('../screens/segments/SegmentAnswer').then((module) => ({ default: module.SegmentAnswer }))),
};

export type ReportKindName = 'graph' | 'funnel' | 'retention' | 'paths' | 'pivot' | 'activity' | 'segments';

export const REPORT_KINDS: Record<ReportKindName, ReportKind> = { graph, funnel, retention, paths, pivot, activity, segments };
