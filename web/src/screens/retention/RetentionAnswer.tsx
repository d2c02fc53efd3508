import { Text, Title } from '@mantine/core';
import type { RetentionAnswer as Answer } from '../../api/types';
import { duration, number } from '../../model/format';
import { averages, type RetentionSearch } from '../../model/retention';
import { retentionTable } from '../../model/retentionTable';
import { eventLabel } from '../../model/report';
import { Dated } from '../../reports/Dated';
import { useOfferPicture } from '../../reports/picture';
import { paintTable } from '../../reports/tablePicture';
import type { AnswerProps } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import classes from '../../reports/reports.module.css';
import { RetentionCurve } from './RetentionCurve';
import { RetentionTable } from './RetentionTable';

const t = texts.reports.retention;

export function RetentionAnswer({ answer, search, compact, onPeople }: AnswerProps<RetentionSearch, Answer>) {
  const { retention, explain } = answer;
  const empty = retention.total.users === 0;
  useOfferPicture(empty || compact ? null : () => paintTable(retentionTable(search, answer)));
  if (empty) {
    return compact ? <EmptyState title={t.emptyTitle} /> : <Card><EmptyState title={t.emptyTitle} text={t.empty(eventLabel(search.start))} /></Card>;
  }
  const average = averages(retention, search.periods);
  const curve = <RetentionCurve average={average} retention={retention} search={search} compact={compact} onPeople={onPeople} />;
  if (compact) return curve;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <Title order={2} size="h5">{t.curve}</Title>
          <Text size="sm" c="dimmed" className={classes.explain}><Dated text={explain.sentence} /><br />{texts.reports.explain(number(explain.rows), duration(explain.total_ms))}</Text>
        </div>
        {curve}
      </Card>
      <Card padded={false} label={t.tableLabel}>
        <RetentionTable retention={retention} average={average} search={search} onPeople={onPeople} />
      </Card>
    </>
  );
}
