import { Button } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useDashboards, useNewDashboard, type Dashboard } from '../api/saved';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { LinkButton } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../ui/States';
import { Text } from '@mantine/core';
import { DashboardView } from './DashboardView';
import { NameDialog } from './NameDialog';
import classes from './saved.module.css';

const t = texts.saved.boards;
const route = getRouteApi('/dashboards');

export function DashboardsPage() {
  const project = useProject();
  const { board } = route.useSearch();
  const dashboards = useDashboards(project.id);
  const [adding, setAdding] = useState(false);
  const chosen = dashboards.data?.find((one) => one.id === board);
  if (chosen) return <DashboardView key={chosen.id} dashboard={chosen} dashboards={dashboards.data ?? []} />;
  const add = (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setAdding(true)} data-testid="new-dashboard">{t.add}</Button>
  );
  return (
    <Page title={t.title} lead={t.lead} actions={dashboards.data && dashboards.data.length > 0 ? add : undefined}>
      {dashboards.isError && <ErrorState error={dashboards.error} onRetry={() => void dashboards.refetch()} />}
      {dashboards.isPending && <Card padded={false}><LoadingRows rows={4} height={28} /></Card>}
      {dashboards.data && board !== undefined && (
        <Card><EmptyState title={t.gone} text={t.goneText}><LinkButton to="/dashboards" search={{}}>{t.all}</LinkButton></EmptyState></Card>
      )}
      {dashboards.data && board === undefined && (dashboards.data.length === 0 ? (
        <Card><EmptyState title={t.emptyTitle} text={t.emptyText}>{add}</EmptyState></Card>
      ) : <Boards dashboards={dashboards.data} />)}
      <NewDashboard opened={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}

function Boards({ dashboards }: { dashboards: Dashboard[] }) {
  const sorted = [...dashboards].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <ul className={classes.boards}>
      {sorted.map((board) => (
        <li key={board.id}>
          <Link to="/dashboards" search={{ board: board.id } as never} className={classes.board} data-testid="dashboard">
            <Text fw={600}><bdi>{board.name}</bdi></Text>
            <Text size="sm" c="dimmed">{t.tiles(board.tiles.length)}</Text>
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function NewDashboard({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const add = useNewDashboard(useProject().id);
  const navigate = useNavigate();
  const close = () => {
    add.reset();
    onClose();
  };
  return (
    <NameDialog
      opened={opened} title={t.addTitle} name="" placeholder={t.placeholder} missing={t.missing} submit={t.submit} change={add} onClose={close}
      onSubmit={(name) => add.mutate(name, {
        onSuccess: (made) => {
          close();
          void navigate({ to: '/dashboards', search: { board: made.id } as never });
        },
      })}
    />
  );
}
