import { useMemo, useState, Suspense, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useAnswer, type Asked } from '../api/reports';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { LinkButton } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { EmptyState, ErrorState } from '../ui/States';
import { AnswerSkeleton } from './AnswerSkeleton';
import { REPORT_KINDS, type ReportKindName } from './kinds';
import { PeopleDrawer } from './PeopleDrawer';
import { PictureProvider } from './picture';
import { ReportActions } from './ReportActions';
import type { PeopleAsk, ReportKind } from './types';
import classes from './reports.module.css';

interface ReportPageProps<S extends object> {
  name: ReportKindName;
  search: S;
  /** The sentence: the fields that change the question. */
  children: ReactNode;
}

/** The page of any report: its sentence above, and the answer below, which stays until the next one is there. */
export function ReportPage<S extends object>({ name, search, children }: ReportPageProps<S>) {
  const project = useProject();
  const kind: ReportKind<S> = REPORT_KINDS[name];
  const query = useMemo(() => kind.query(search, { zone: project.zone, now: Date.now() }), [kind, search, project.zone]);
  const answer = useAnswer(project.id, query, search);
  const { data, isPlaceholderData: stale } = answer;
  const current = data !== undefined && !stale ? data.answer : null;
  return (
    <PictureProvider>
      <Page title={texts.nav[name]} actions={<ReportActions name={name} kind={kind} search={search} answer={current} />}>
        <Card><div className={classes.sentence}>{children}</div></Card>
        {answer.isError ? (
          <Failed error={answer.error} onRetry={() => void answer.refetch()} />
        ) : data === undefined ? (
          <AnswerSkeleton />
        ) : (
          <Suspense fallback={<AnswerSkeleton />}>
            <Shown kind={kind} asked={stale ? data : { ...data, search }} stale={stale} />
          </Suspense>
        )}
      </Page>
    </PictureProvider>
  );
}

function Shown<S extends object>({ kind, asked, stale }: { kind: ReportKind<S>; asked: Asked<S>; stale: boolean }) {
  const [ask, setAsk] = useState<PeopleAsk | null>(null);
  const { Answer } = kind;
  return (
    <>
      <div className={classes.shown} data-stale={stale || undefined} aria-busy={stale} data-testid="report-answer" data-settled={!stale}>
        <Answer search={asked.search} query={asked.query} answer={asked.answer} compact={false} onPeople={setAsk} />
      </div>
      <PeopleDrawer ask={ask} query={asked.query} asOf={asked.answer.as_of} onClose={() => setAsk(null)} />
    </>
  );
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.code !== 'unknown_event') return <ErrorState error={error} onRetry={onRetry} />;
  return (
    <Card>
      <EmptyState title={texts.reports.unknownTitle} text={texts.graph.unknown}><LinkButton to="/define">{texts.nav.define}</LinkButton></EmptyState>
    </Card>
  );
}
