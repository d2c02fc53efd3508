import { Skeleton } from '@mantine/core';
import { useMemo, useRef } from 'react';
import type { ReportAnswer as Answer, ReportQuery } from '../api/answers';
import { useAnswer } from '../api/reports';
import type { Range } from '../model/scope';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { ErrorState } from '../ui/States';
import { AnswerSkeleton } from './AnswerSkeleton';
import type { ReportKind, Search } from './kinds';
import classes from './reports.module.css';

interface ReportAnswerProps {
  kind: ReportKind;
  search: Search;
  /** Takes the place of the report's own range. */
  range?: Range;
  /** On a dashboard. */
  compact?: boolean;
}

/** Asks a report's question and draws the answer. The last answer stays, with its own question, until the next is there. */
export function ReportAnswer({ kind, search, range, compact = false }: ReportAnswerProps) {
  const project = useProject();
  const query = useMemo(() => kind.query(search, { zone: project.zone, now: Date.now() }, range), [kind, search, project.zone, range]);
  const asked = useAnswer(project.id, query);
  const last = useRef<{ search: Search; query: ReportQuery; answer: Answer } | null>(null);
  if (asked.data !== undefined) last.current = { search, query, answer: asked.data };
  if (asked.isError) return <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />;
  if (last.current === null) return compact ? <Skeleton height={220} aria-label={texts.loading} /> : <AnswerSkeleton />;
  const stale = asked.data === undefined;
  return (
    <div className={`${classes.answer} ${stale ? classes.stale : classes.fresh}`} aria-busy={stale} data-testid="answer" data-settled={!stale}>
      <kind.Answer {...last.current} compact={compact} />
    </div>
  );
}
