import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { GraphSearch } from '../../model/graph';
import { ReportPage } from '../../reports/ReportPage';
import { GraphSentence } from './GraphSentence';

const route = getRouteApi('/graph');

export function GraphPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  /** The address is the state: so Back undoes a choice, and a link shows the same graph. */
  const change = (next: GraphSearch, replace = false) => void navigate({ to: '/graph', search: next, replace });
  return <ReportPage name="graph" search={search}><GraphSentence search={search} onChange={change} /></ReportPage>;
}
