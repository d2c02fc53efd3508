import { Group } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { useDefinitions, useGraph } from '../../api/queries';
import { toQuery, type GraphSearch } from '../../model/graph';
import { SaveReport } from '../../saved/SaveReport';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { CopyButton } from '../../ui/CodeBlock';
import { Card, Page } from '../../ui/Page';
import { GraphAnswerView } from './GraphAnswerView';
import { GraphSentence } from './GraphSentence';
import { LinkButton } from '../../ui/links';
import { EmptyState, ErrorState } from '../../ui/States';
import { AnswerSkeleton } from './AnswerSkeleton';

const route = getRouteApi('/graph');
const Chart = lazy(() => import('./Chart').then((module) => ({ default: module.Chart })));

export function GraphPage() {
  const project = useProject();
  const search = route.useSearch();
  const navigate = useNavigate();
  const definitions = useDefinitions(project.id);
  const query = useMemo(() => toQuery(search, project.zone, Date.now()), [search, project.zone]);
  const answer = useGraph(project.id, query);
  /** The address is the state: so Back undoes a choice, and a link shows the same graph. */
  const change = (next: GraphSearch, replace = false) => void navigate({ to: '/graph', search: next, replace });

  const unknown = search.event !== undefined && definitions.data !== undefined && !definitions.data.some((d) => d.name === search.event);
  return (
    <Page title={texts.graph.title} actions={<Group gap="xs"><SaveReport kind="graph" search={search} /><CopyButton text={() => window.location.href} label={texts.graph.copyLink} /></Group>}>
      <Card><GraphSentence search={search} definitions={definitions.data ?? []} onChange={change} /></Card>
      {unknown ? (
        <Card>
          <EmptyState title={texts.graph.unknownTitle(search.event ?? '')} text={texts.graph.unknown}>
            <LinkButton to="/define">{texts.nav.define}</LinkButton>
          </EmptyState>
        </Card>
      ) : answer.isError ? (
        <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.isPending ? (
        <AnswerSkeleton />
      ) : (
        <Suspense fallback={<AnswerSkeleton />}>
          <GraphAnswerView answer={answer.data} search={search} stale={answer.isPlaceholderData} Chart={Chart} />
        </Suspense>
      )}
    </Page>
  );
}
