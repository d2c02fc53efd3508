import { SegmentedControl, Text } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { intervalsOf, VIEWS, type ActivitySearch } from '../../model/activity';
import { EventField } from '../../reports/fields/EventField';
import { IntervalField } from '../../reports/fields/IntervalField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { ReportPage } from '../../reports/ReportPage';
import classes from '../../reports/reports.module.css';
import { texts } from '../../texts';

const route = getRouteApi('/activity');
const t = texts.explore.activity;

export function ActivityPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: ActivitySearch, replace = false) => void navigate({ to: '/activity', search: next, replace });
  const view = (next: string) => {
    const chosen = VIEWS.find((one) => one === next) ?? 'stickiness';
    change({ ...search, view: chosen, interval: intervalsOf(chosen).includes(search.interval) ? search.interval : 'week' });
  };
  return (
    <ReportPage name="activity" search={search}>
      <div className={classes.line}>
        <SegmentedControl aria-label={t.view} value={search.view} data={VIEWS.map((value) => ({ value, label: t.views[value] }))} onChange={view} data-testid="activity-view" />
      </div>
      <div className={classes.line}>
        <Text span>{t.of[search.view]}</Text>
        <IntervalField value={search.interval} of={intervalsOf(search.view)} onChange={(interval) => change({ ...search, interval })} />
        <Text span>{t.did[search.view]}</Text>
        <EventField value={search.event} onChange={(event) => change({ ...search, event })} testid="activity-event" />
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={change} />
      </div>
      <div className={classes.line}>
        <WhereField search={search} onChange={change} />
        <WhoField search={search} onChange={change} />
      </div>
    </ReportPage>
  );
}
