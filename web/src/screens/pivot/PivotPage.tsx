import { SegmentedControl, Text } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { isAdditive, PIVOT_SHOWS, type PivotSearch, type PivotShow } from '../../model/pivot';
import { EventField } from '../../reports/fields/EventField';
import { KeyField } from '../../reports/fields/KeyField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { ReportPage } from '../../reports/ReportPage';
import classes from '../../reports/reports.module.css';
import { texts } from '../../texts';
import { MeasureField } from '../graph/EventLines';

const route = getRouteApi('/pivot');
const t = texts.explore.pivot;

export function PivotPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: PivotSearch, replace = false) => void navigate({ to: '/pivot', search: next, replace });
  const set = (part: Partial<PivotSearch>) => change({ ...search, ...part });
  return (
    <ReportPage name="pivot" search={search}>
      <div className={classes.line}>
        <MeasureField value={search.measure} at={0} onChange={(measure) => set({ measure })} />
        <EventField value={search.event} onChange={(event) => set({ event })} testid="pivot-event" />
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={change} />
      </div>
      <div className={classes.line}>
        <Text span>{t.rows}</Text>
        <KeyField label={t.row} value={search.row} onChange={(row) => set({ row })} testid="pivot-row" />
        <Text span>{t.columns}</Text>
        <KeyField label={t.column} value={search.column} onChange={(column) => set({ column })} testid="pivot-column" />
      </div>
      <div className={classes.line}>
        <WhereField search={search} onChange={change} />
        <WhoField search={search} onChange={change} />
      </div>
      <div className={classes.line}>
        {isAdditive(search) ? (
          <SegmentedControl
            size="xs" aria-label={t.show} value={search.show} data={PIVOT_SHOWS.map((show) => ({ value: show, label: t.shows[show] }))} data-testid="pivot-show"
            onChange={(show) => set({ show: show as PivotShow })}
          />
        ) : <Text span size="sm" c="dimmed">{t.onlyNumbers}</Text>}
      </div>
    </ReportPage>
  );
}
