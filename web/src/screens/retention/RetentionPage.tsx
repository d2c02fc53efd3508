import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { RetentionSearch } from '../../model/retention';
import { ReportPage } from '../../reports/ReportPage';
import { RetentionSentence } from './RetentionSentence';

const route = getRouteApi('/retention');

export function RetentionPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: RetentionSearch, replace = false) => void navigate({ to: '/retention', search: next, replace });
  return <ReportPage name="retention" search={search}><RetentionSentence search={search} onChange={change} /></ReportPage>;
}
