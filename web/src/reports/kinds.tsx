/** The kinds of reports: how each is asked and how its answer looks, on its own page and on a dashboard. */
import type { ComponentType } from 'react';
import type { ReportAnswer, ReportQuery } from '../api/answers';
import { graphQuery, graphTitle, readGraphSearch } from '../model/graph';
import type { Moment, Range, Raw, Scope } from '../model/scope';
import type { Table } from '../model/table';
import { GraphAnswer } from './graph/GraphAnswer';
import { GraphBuilder } from './graph/GraphBuilder';
import { graphTables } from './graph/tables';
import { WithPeople } from './People';

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

export const REPORT_KINDS: Record<string, ReportKind> = {
  graph: define({
    name: 'graph', path: '/graph', read: readGraphSearch, query: graphQuery, title: graphTitle, Answer: GraphAnswer, Builder: GraphBuilder, tables: graphTables,
  }),
};
