/** A retention as a table, to be painted. */
import type { RetentionAnswer, RetentionCohort } from '../api/types';
import { lineStyle } from '../reports/palette';
import { texts } from '../texts';
import { number, percent } from './format';
import { groupKeyLabel } from './report';
import { averages, cellShare, cohortLabel, isAhead, type RetentionSearch } from './retention';
import type { Table, TableCell, TableRow } from './table';

const t = texts.reports.retention;

/** Cohorts by periods, tinted by who came back; what is still growing has a star. */
export function retentionTable(search: RetentionSearch, { retention }: RetentionAnswer): Table {
  const grouped = search.group.length > 0;
  const periods = Array.from({ length: search.periods }, (_, period) => t.period(search.interval, period));
  const average = averages(retention, search.periods).map((share): TableCell => ({ value: share, text: share === null ? t.none : `${percent(share, 1)}${grouped ? '*' : ''}` }));
  return {
    caption: t.tableLabel,
    corner: grouped ? search.group.map(groupKeyLabel).join(' · ') : t.cohort,
    columns: [{ label: t.size, strong: true }, ...periods.map((label) => ({ label }))],
    rows: [
      ...retention.cohorts.map((cohort, at) => cohortRow(cohort, search, grouped ? lineStyle(at + 1, cohort.other).color : undefined)),
      cohortRow(retention.total, { ...search, show: 'users' }, undefined, false),
    ],
    foot: { id: 'average', label: t.average, cells: [{ value: null, text: '' }, ...average] },
  };
}

function cohortRow(cohort: RetentionCohort, search: RetentionSearch, color: string | undefined, tinted = true): TableRow {
  const label = cohortLabel(cohort, search);
  const cells = cohort.cells.map(({ users, complete }, period): TableCell => {
    if (isAhead(cohort, period)) return { value: null, text: t.none };
    const shown = search.show === 'users' ? number(users) : percent(users, cohort.users);
    return { value: users, text: `${shown}${complete ? '' : '*'}`, ...(tinted ? { heat: cellShare(users, cohort.users) ?? 0 } : {}) };
  });
  return { id: label, label, ...(color === undefined ? {} : { color }), cells: [{ value: cohort.users }, ...cells] };
}
