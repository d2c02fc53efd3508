import { useIndexes, useLedger } from '../api/queries';
import type { Ledger } from '../api/types';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Card, Page } from '../ui/Page';
import { ErrorState, LoadingRows } from '../ui/States';
import { Figures } from './health/Figures';
import { Indexes } from './health/Indexes';
import { Notices } from './health/Notices';
import { Places } from './health/Places';
import { Refused } from './health/Refused';
import { Storage } from './health/Storage';

const t = texts.health;

export function HealthPage() {
  const project = useProject();
  const ledger = useLedger(project.id);
  return (
    <Page title={t.title} lead={t.lead}>
      {ledger.isError && <ErrorState error={ledger.error} onRetry={() => void ledger.refetch()} />}
      {ledger.isPending && <Card padded={false}><LoadingRows rows={8} /></Card>}
      {ledger.data && <Numbers ledger={ledger.data} project={project.id} />}
    </Page>
  );
}

function Numbers({ ledger, project }: { ledger: Ledger; project: string }) {
  const indexes = useIndexes(project).data ?? null;
  return (
    <>
      <Notices ledger={ledger} />
      <Figures ledger={ledger} />
      <Places ledger={ledger} />
      <Refused ledger={ledger} />
      <Storage ledger={ledger} />
      {indexes !== null && <Indexes indexes={indexes} />}
    </>
  );
}
