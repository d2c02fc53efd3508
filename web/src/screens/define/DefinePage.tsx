import { getRouteApi } from '@tanstack/react-router';
import { useDefinitions } from '../../api/queries';
import { readPredicate } from '../../model/predicate';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Card, Page } from '../../ui/Page';
import { ErrorState, LoadingRows } from '../../ui/States';
import { DefineForm } from './DefineForm';
import { DefinitionList } from './DefinitionList';

const route = getRouteApi('/define');

export function DefinePage() {
  const project = useProject();
  const { edit, predicate } = route.useSearch();
  const definitions = useDefinitions(project.id);
  const edited = edit === undefined ? undefined : definitions.data?.find((d) => d.name === edit);
  // What the address proposes stands in the form; what the definition means by now stands beside it.
  const start = readPredicate(predicate) ?? edited?.predicate ?? null;

  return (
    <Page title={texts.define.title} lead={texts.define.lead}>
      {definitions.isError && <ErrorState error={definitions.error} onRetry={() => void definitions.refetch()} />}
      {definitions.isPending ? (
        <Card padded={false}><LoadingRows rows={5} height={28} /></Card>
      ) : (
        <>
          {/* Another start makes another form. */}
          <DefineForm key={`${edit ?? ''} ${predicate ?? ''}`} edited={edited ?? null} start={start} taken={definitions.data ?? []} />
          <DefinitionList definitions={definitions.data ?? []} editing={edit ?? null} />
        </>
      )}
    </Page>
  );
}
