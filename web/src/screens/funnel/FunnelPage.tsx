import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { FunnelSearch } from '../../model/funnel';
import { ReportPage } from '../../reports/ReportPage';
import { FunnelSentence } from './FunnelSentence';

const route = getRouteApi('/funnel');

export function FunnelPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: FunnelSearch, replace = false) => void navigate({ to: '/funnel', search: next, replace });
  return <ReportPage name="funnel" search={search}><FunnelSentence search={search} onChange={change} /></ReportPage>;
}
