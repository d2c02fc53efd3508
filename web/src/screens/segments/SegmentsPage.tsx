import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { SegmentsSearch } from '../../model/segments';
import { ReportPage } from '../../reports/ReportPage';
import { Lists } from './Lists';
import { SegmentBuilder } from './SegmentBuilder';
import classes from './segments.module.css';

const route = getRouteApi('/segments');

export function SegmentsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: SegmentsSearch, replace = false) => void navigate({ to: '/segments', search: next, replace });
  return (
    <>
      <ReportPage name="segments" search={search}><SegmentBuilder search={search} onChange={change} /></ReportPage>
      <div className={classes.lists}><Lists /></div>
    </>
  );
}
