/** The kinds of reports: how each is asked and how its answer looks, on its own page and on a dashboard. */
import type { ComponentType } from 'react';
import type { ReportAnswer, ReportQuery } from '../api/answers';
import { funnelQuery, funnelTitle, readFunnelSearch } from '../model/funnel';
import { graphQuery, graphTitle, readGraphSearch } from '../model/graph';
import { pathsQuery, pathsTitle, readPathsSearch } from '../model/paths';
import { pivotQuery, pivotTitle, readPivotSearch } from '../model/pivot';
import { readRetentionSearch, retentionQuery, retentionTitle } from '../model/retention';
import type { Moment, Range, Raw, Scope } from '../model/scope';
import { readSegmentsSearch, segmentsQuery, segmentsTitle } from '../model/segments';
import type { Table } from '../model/table';
import { FunnelAnswer } from './funnel/FunnelAnswer';
import { FunnelBuilder } from './funnel/FunnelBuilder';
import { funnelTables } from './funnel/tables';
import { GraphAnswer } from './graph/GraphAnswer';
import { GraphBuilder } from './graph/GraphBuilder';
import { graphTables } from './graph/tables';
import { PathsAnswer, pathsTables } from './paths/PathsAnswer';
import { PathsBuilder } from './paths/PathsBuilder';
import { WithPeople } from './People';
import { PivotAnswer, pivotTables } from './pivot/PivotAnswer';
import { PivotBuilder } from './pivot/PivotBuilder';
import { RetentionAnswer } from './retention/RetentionAnswer';
import { RetentionBuilder } from './retention/RetentionBuilder';
import { retentionTables } from './retention/tables';
import { SegmentAnswer, segmentTables } from './segments/SegmentAnswer';
import { SegmentBuilder } from './segments/SegmentBuilder';

export const REPORT_KIND_NAMES = ['graph', 'funnel', 'retention', 'paths', 'segments', 'pivot'] as const;
export type ReportKindName = (typeof REPORT_KIND_NAMES)[number];

/** The state of a report's page, as its address has it: words, numbers and lists of words. */
export type Search = Scope;

export interface AnswerProps<S = Search> {
  search: S;
  query: ReportQuery;
  answer: ReportAnswer;
  /** On a dashboard: the chart alone, as high as a tile. */
  compact?: boolean;
}

export interface ReportKind<S = Search> {
  name: ReportKindName;
  /** The page that shows it. */
  path: string;
  /** Takes whatever an address or a saved state holds; what makes no sense becomes the default. */
  read: (raw: Raw) => S;
  /** What the API is asked. `at` says when and where: trailing days end today in the project's zone; `range` takes the place of the report's own. */
  query: (search: S, at: Moment, range?: Range) => ReportQuery;
  /** Draws an answer; every number in it opens its people. */
  Answer: ComponentType<AnswerProps<S>>;
  /** The question as a sentence whose words can be changed. */
  Builder: ComponentType<BuilderProps<S>>;
  /** The question as a sentence. */
  title: (search: S) => string;
  /** The answer's numbers, for an export. */
  tables: (search: S, query: ReportQuery, answer: ReportAnswer) => Table[];
}

export interface BuilderProps<S = Search> {
  search: S;
  onChange: (search: S, replace?: boolean) => void;
}

function define<S extends Search>(kind: ReportKind<S>): ReportKind {
  const { Answer } = kind;
  const WithItsPeople = (props: AnswerProps<S>) => (
    <WithPeople query={props.query} answer={props.answer}><Answer {...props} /></WithPeople>
  );
  // The state of a kind is read by that kind's `read`, and by nothing else.
  return { ...kind, Answer: WithItsPeople } as unknown as ReportKind;
}

export const REPORT_KINDS: Record<ReportKindName, ReportKind> = {
  graph: define({
    name: 'graph', path: '/graph', read: readGraphSearch, query: graphQuery, title: graphTitle, Answer: GraphAnswer, Builder: GraphBuilder, tables: graphTables,
  }),
  funnel: define({
    name: 'funnel', path: '/funnel', read: readFunnelSearch, query: funnelQuery, title: funnelTitle, Answer: FunnelAnswer, Builder: FunnelBuilder, tables: funnelTables,
  }),
  retention: define({
    name: 'retention', path: '/retention', read: readRetentionSearch, query: retentionQuery, title: retentionTitle, Answer: RetentionAnswer, Builder: RetentionBuilder,
    tables: retentionTables,
  }),
  paths: define({
    name: 'paths', path: '/paths', read: readPathsSearch, query: pathsQuery, title: pathsTitle, Answer: PathsAnswer, Builder: PathsBuilder, tables: pathsTables,
  }),
  segments: define({
    name: 'segments', path: '/segments', read: readSegmentsSearch, query: segmentsQuery, title: segmentsTitle, Answer: SegmentAnswer, Builder: SegmentBuilder, tables: segmentTables,
  }),
  pivot: define({
    name: 'pivot', path: '/pivot', read: readPivotSearch, query: pivotQuery, title: pivotTitle, Answer: PivotAnswer, Builder: PivotBuilder, tables: pivotTables,
  }),
};
