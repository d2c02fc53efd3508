/** What a kind of report is made of. */
import type { ComponentType } from 'react';
import type { Explain } from '../api/types';
import type { At, RangeSearch, Raw } from '../model/report';

/** A body for the API's `query`: one key, which says the kind, and the question. */
export type Query = Record<string, object>;

/** What every answer has beside its own. */
export interface Answered {
  as_of: number;
  explain: Explain;
}

/** A number whose people are asked for: the API's cell, and what it is called. */
export interface PeopleAsk {
  cell: Record<string, unknown>;
  title: string;
  /** The question that the number is of, where it is not the answer's own. */
  of?: Query;
}

export interface AnswerProps<S, A> {
  /** The question that the answer is of. */
  search: S;
  query: Query;
  answer: A;
  /** A tile of a dashboard: the drawing alone, low, without tables but where the table is the drawing. */
  compact: boolean;
  /** Shows the people behind a number. */
  onPeople?: (ask: PeopleAsk) => void;
}

/** One cell of a table as it is saved; null is an empty one. */
export type CsvCell = string | number | null;

// A list of all kinds holds different questions, and each one's parts fit each other alone.
export interface ReportKind<S extends object = any, A extends Answered = any> {
  /** Its page; the search part of the address is the question. */
  path: string;
  /** Takes whatever the address holds, or a saved question; what makes no sense becomes the default. */
  read(raw: Raw): S;
  /** The API's query; a range that is given (as of a dashboard) takes the place of the report's own. */
  query(search: S, at: At, range?: RangeSearch): Query;
  /** The question over a range that is given, where it is not the query alone that has one; null where the question keeps its own. */
  within?(search: S, at: At, range: RangeSearch): S | null;
  /** Its sentence, for tiles and lists. */
  title(search: S): string;
  /** The answer as a table, its first row the heading. */
  csv(search: S, answer: A): CsvCell[][];
  /** On a tile, the number stands above the sentence. */
  numberFirst?: boolean;
  /** Loaded when it is first drawn: it stands in a Suspense. */
  Answer: ComponentType<AnswerProps<S, A>>;
}
