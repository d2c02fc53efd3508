/** All kinds of reports: what pages, saved reports and dashboards know of them. Their drawings are loaded when they are needed. */
import { lazy } from 'react';
import type { GraphsAnswer } from '../api/types';
import { graphQuery, graphTitle, readGraphSearch, type GraphSearch } from '../model/graph';
import { graphCsv } from '../model/graphCsv';
import type { ReportKind } from './types';

const graph: ReportKind<GraphSearch, GraphsAnswer> = {
  path: '/graph',
  read: readGraphSearch,
  query: (search, at, range) => ({ graphs: graphQuery(search, at, range) }),
  title: graphTitle,
  csv: graphCsv,
  Answer: lazy(() => import('../screens/graph/GraphAnswer').then((module) => ({ default: module.GraphAnswer }))),
};

export type ReportKindName = 'graph';

export const REPORT_KINDS: Record<ReportKindName, ReportKind> = { graph };
