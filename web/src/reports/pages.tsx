/** One page for each kind of report. */
import type { GraphSearch } from '../model/graph';
import { texts } from '../texts';
import { ReportPage } from './ReportPage';

export const GraphPage = () => <ReportPage name="graph" title={texts.graph.title} events={(search: GraphSearch) => search.event} />;
