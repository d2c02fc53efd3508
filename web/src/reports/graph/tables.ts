import type { GraphAnswer, GraphsAnswer, GraphsQuery, ReportAnswer, ReportQuery } from '../../api/answers';
import { eventLabel } from '../../model/eventRef';
import { letter, measureText, type GraphSearch } from '../../model/graph';
import { graphTable, histogramTable, toLines } from '../../model/lines';
import { groupKeyLabel } from '../../model/scope';
import type { Table } from '../../model/table';
import { texts } from '../../texts';

export const corner = (search: GraphSearch) =>
  search.group.length > 0 ? search.group.map(groupKeyLabel).join(' · ') : texts.graph.event;

/** What the lines of each event are called: its name, and what tells it from the others. */
export function graphLabels(search: GraphSearch): string[] {
  const several = search.event.length > 1;
  return search.event.map((ref, i) => {
    const same = search.event.filter((one) => one === ref).length > 1;
    const name = same ? texts.reports.graph.of(measureText(search.measure[i] ?? 'count'), eventLabel(ref)) : eventLabel(ref);
    return several ? `${letter(i)}. ${name}` : name;
  });
}

export const graphLines = (search: GraphSearch, answer: GraphsAnswer) => toLines(answer, graphLabels(search));

export function graphTables(search: GraphSearch, query: ReportQuery, answer: ReportAnswer): Table[] {
  if ('graph' in answer) return [histogramTable(query, answer as GraphAnswer, corner(search))];
  const { interval } = (query as { graphs: GraphsQuery }).graphs;
  return [graphTable(answer as GraphsAnswer, graphLines(search, answer as GraphsAnswer), interval, corner(search))];
}
