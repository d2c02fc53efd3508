import { Text } from '@mantine/core';
import { useState, type CSSProperties } from 'react';
import type { RetentionAnswer, RetentionCohort } from '../../api/types';
import { number, percent } from '../../model/format';
import { cellShare, cohortLabel, isAhead, type RetentionSearch } from '../../model/retention';
import { groupKeyLabel } from '../../model/report';
import { Dated } from '../../reports/Dated';
import { NumberButton } from '../../reports/NumberButton';
import { lineStyle, type LineStyle } from '../../reports/palette';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import reports from '../../reports/reports.module.css';
import classes from './retention.module.css';

const t = texts.reports.retention;

interface RetentionTableProps {
  retention: RetentionAnswer['retention'];
  average: (number | null)[];
  search: RetentionSearch;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** Cohorts by periods; the cell that is pointed at, or has the focus, says its sentence. */
export function RetentionTable({ retention, average, search, onPeople }: RetentionTableProps) {
  const [sentence, setSentence] = useState<string | null>(null);
  const grouped = search.group.length > 0;
  const periods = Array.from({ length: search.periods }, (_, period) => t.period(search.interval, period));
  const row = { search, onPeople, onSay: setSentence };
  return (
    <>
      <Text size="sm" className={classes.sentence} c={sentence === null ? 'dimmed' : 'inherit'} data-testid="retention-sentence">{sentence === null ? t.hint : <Dated text={sentence} />}</Text>
      <div className={reports.scroll} tabIndex={0} role="group" aria-label={t.tableLabel}>
        <table className={`${reports.table} ${classes.table}`}>
          <thead>
            <tr>
              <th scope="col" className={reports.first}>{grouped ? search.group.map(groupKeyLabel).join(' · ') : t.cohort}</th>
              <th scope="col">{t.size}</th>
              {periods.map((period) => <th key={period} scope="col">{period}</th>)}
            </tr>
          </thead>
          <tbody>
            {retention.cohorts.map((cohort, at) => (
              <CohortRow
                swatch={grouped ? lineStyle(at + 1, cohort.other) : null}
                key={cohort.from ?? (cohort.other ? 'other' : JSON.stringify(cohort.group))} cohort={cohort} cell={grouped ? { series: at } : { at }} {...row}
              />
            ))}
          </tbody>
          <tfoot>
            <CohortRow cohort={retention.total} cell={{}} total swatch={null} {...row} />
            <tr data-testid="retention-average">
              <th scope="row" className={reports.first}><RowName label={t.average} swatch={grouped ? lineStyle(0) : null} /></th>
              <td />
              {average.map((share, period) => <td key={period}>{share === null ? t.none : `${percent(share, 1)}${grouped ? '*' : ''}`}</td>)}
            </tr>
          </tfoot>
        </table>
      </div>
      <Text size="xs" c="dimmed" className={classes.note}>{t.note}</Text>
    </>
  );
}

function RowName({ label, swatch }: { label: string; swatch: LineStyle | null }) {
  return (
    <span className={classes.name} title={label}>
      {swatch !== null && <span className={reports.swatch} style={{ '--swatch': swatch.color } as CSSProperties} data-dashed={swatch.dashed || undefined} />}
      <bdi className={reports.label}>{label}</bdi>
    </span>
  );
}

interface CohortRowProps {
  cohort: RetentionCohort;
  cell: Record<string, unknown>;
  search: RetentionSearch;
  total?: boolean;
  /** The line of the curve that it is. */
  swatch: LineStyle | null;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
  onSay: (sentence: string | null) => void;
}

function CohortRow({ cohort, cell, search, total = false, swatch, onPeople, onSay }: CohortRowProps) {
  const label = cohortLabel(cohort, search);
  return (
    <tr data-testid={total ? 'retention-total' : 'retention-row'}>
      <th scope="row" className={reports.first}><RowName label={label} swatch={swatch} /></th>
      <td className={reports.strong}>
        <NumberButton value={number(cohort.users)} onPeople={onPeople} ask={cohort.users === 0 ? null : { cell, title: label }} />
      </td>
      {cohort.cells.map(({ users, complete, sentence }, period) => {
        if (isAhead(cohort, period)) return <td key={period} className={classes.ahead} title={t.ahead}>{t.none}</td>;
        const share = cellShare(users, cohort.users) ?? 0;
        const title = `${label} · ${t.period(search.interval, period)}`;
        const shown = search.show === 'users' || total ? number(users) : percent(users, cohort.users);
        return (
          <td
            key={period} className={total ? undefined : classes.heat} style={{ '--heat': share } as CSSProperties} data-incomplete={!complete || undefined}
            onMouseEnter={() => onSay(sentence)} onMouseLeave={() => onSay(null)}
          >
            <button
              type="button" className={classes.cell} aria-label={t.cellLabel(shown, sentence)} disabled={users === 0 || onPeople === undefined} data-testid="retention-cell"
              onFocus={() => onSay(sentence)} onBlur={() => onSay(null)} onClick={() => onPeople?.({ cell: { ...cell, period }, title })}
            >
              {shown}
              {!complete && <span aria-hidden="true">*</span>}
            </button>
          </td>
        );
      })}
    </tr>
  );
}
