/** One page for each kind of report. */
import type { FunnelSearch } from '../model/funnel';
import type { GraphSearch } from '../model/graph';
import type { PathsSearch } from '../model/paths';
import type { PivotSearch } from '../model/pivot';
import type { RetentionSearch } from '../model/retention';
import { texts } from '../texts';
import { ReportPage } from './ReportPage';
import { Lists } from './segments/Lists';

const t = texts.reports;

export const GraphPage = () => <ReportPage name="graph" title={texts.graph.title} events={(search: GraphSearch) => search.event} />;

export const FunnelPage = () => <ReportPage name="funnel" title={t.funnel.title} events={({ step, exclude }: FunnelSearch) => [...step, ...exclude]} />;

export const RetentionPage = () => (
  <ReportPage name="retention" title={t.retention.title} events={(search: RetentionSearch) => (search.view === 'retention' ? [search.start, search.return] : [search.start])} />
);

export const PathsPage = () => (
  <ReportPage name="paths" title={t.paths.title} events={({ anchor, node }: PathsSearch) => (anchor === undefined ? node : [anchor, ...node])} />
);

export const PivotPage = () => <ReportPage name="pivot" title={t.pivot.title} events={(search: PivotSearch) => [search.event]} />;

export const SegmentsPage = () => (
  <ReportPage name="segments" title={t.segments_.title} lead={t.segments_.lead} events={() => []}><Lists /></ReportPage>
);
