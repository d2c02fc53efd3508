import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { useDefinitions } from '../api/queries';
import { definitionOf } from '../model/eventRef';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { LinkButton } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { EmptyState } from '../ui/States';
import { REPORT_KINDS, type ReportKind, type ReportKindName, type Search } from './kinds';
import { ReportActions } from './ReportActions';
import { ReportAnswer } from './ReportAnswer';

interface ReportPageProps {
  name: ReportKindName;
  title: string;
  lead?: string;
  /** The definitions that the question names, as references. */
  events: (search: never) => string[];
  children?: ReactNode;
}

/** A report: its actions, its question, its answer. The address is the state, so Back undoes a choice, and a link shows the same. */
export function ReportPage({ name, title, lead, events, children }: ReportPageProps) {
  const kind = REPORT_KINDS[name];
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const search = useMemo(() => kind.read(raw), [kind, raw]);
  const navigate = useNavigate();
  const change = (next: Search, replace = false) => void navigate({ to: kind.path as '/graph', search: next as never, replace });
  return (
    <Page title={title} {...(lead === undefined ? {} : { lead })} actions={<ReportActions kind={name} search={search} />}>
      <Card><kind.Builder search={search} onChange={change} /></Card>
      <Answered kind={kind} search={search} events={events(search as never)} />
      {children}
    </Page>
  );
}

interface AnsweredProps {
  kind: ReportKind;
  search: Search;
  events: string[];
}

function Answered({ kind, search, events }: AnsweredProps) {
  const known = useDefinitions(useProject().id).data;
  const unknown = known && events.map(definitionOf).find((one) => one !== null && !known.some((d) => d.name === one));
  if (typeof unknown !== 'string') return <ReportAnswer kind={kind} search={search} />;
  return (
    <Card>
      <EmptyState title={texts.graph.unknownTitle(unknown)} text={texts.graph.unknown}>
        <LinkButton to="/define">{texts.nav.define}</LinkButton>
      </EmptyState>
    </Card>
  );
}
