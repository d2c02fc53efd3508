/** All kinds of reports: what pages, saved reports and dashboards know of them. Their drawings are loaded when they are needed. */
import { lazy } from 'react';
import type { FunnelAnswer, GraphsAnswer, RetentionAnswer } from '../api/types';
import { funnelCsv, funnelQuery, funnelTitle, readFunnelSearch, type FunnelSearch } from '../model/funnel';
import { graphQuery, graphTitle, readGraphSearch, type GraphSearch } from '../model/graph';
import { graphCsv } from '../model/graphCsv';
import { readRetentionSearch, retentionCsv, retentionQuery, retentionTitle, type RetentionSearch } from '../model/retention';
import type { ReportKind } from './types';

const graph: ReportKind<GraphSearch, GraphsAnswer> = {
  path: '/graph',
  read: readGraphSearch,
  query: (search, at, range) => ({ graphs: graphQuery(search, at, range) }),
  title: graphTitle,
  csv: graphCsv,
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

export type ReportKindName = 'graph' | 'funnel' | 'retention';

export const REPORT_KINDS: Record<ReportKindName, ReportKind> = { graph, funnel, retention };
