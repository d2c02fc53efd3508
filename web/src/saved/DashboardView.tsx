import { Button, Group, Menu, Select, VisuallyHidden } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useChangeDashboard, useDeleteDashboard, useReports, type Dashboard, type Tile } from '../api/saved';
import { addTile, TILES_MAX, type DashboardRange } from '../model/dashboard';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CopyButton } from '../ui/CodeBlock';
import { Icon } from '../ui/icons';
import { LinkButton } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { EmptyState, ErrorState } from '../ui/States';
import { NewDashboard } from './DashboardsPage';
import { ConfirmDialog, NameDialog } from './NameDialog';
import { RangeChoice } from './RangeChoice';
import classes from './saved.module.css';
import { TileGrid } from './TileGrid';

const t = texts.saved.boards;
const route = getRouteApi('/dashboards');

/** One dashboard: its tiles over one range, and how it is arranged. */
export function DashboardView({ dashboard, dashboards }: { dashboard: Dashboard; dashboards: Dashboard[] }) {
  const project = useProject();
  const navigate = useNavigate();
  const { board: _board, ...range } = route.useSearch();
  const change = useChangeDashboard(project.id);
  const reports = useReports(project.id);
  const [arranging, setArranging] = useState(dashboard.tiles.length === 0);
  const [said, setSaid] = useState('');
  const go = (board: string, next: DashboardRange) => void navigate({ to: '/dashboards', search: { board, ...next } as never });
  const setTiles = (tiles: Tile[], what: string) => {
    change.mutate({ id: dashboard.id, tiles });
    setSaid(what);
  };
  return (
    <Page title={dashboard.name} actions={<CopyButton text={() => window.location.href} label={texts.graph.copyLink} />}>
      <div className={classes.toolbar}>
        <Select
          aria-label={t.choose} className={classes.boardSelect} value={dashboard.id} allowDeselect={false} searchable={dashboards.length > 8}
          data={dashboards.map((one) => ({ value: one.id, label: one.name }))} onChange={(id) => id !== null && go(id, range)}
        />
        <RangeChoice range={range} onChange={(next) => go(dashboard.id, next)} />
        <div className={classes.spacer} />
        <Group gap="sm" wrap="nowrap">
          <Button variant={arranging ? 'filled' : 'default'} aria-pressed={arranging} onClick={() => setArranging(!arranging)} data-testid="arrange">
            {arranging ? t.done : t.edit}
          </Button>
          <BoardMenu dashboard={dashboard} />
        </Group>
      </div>
      {change.isError && <ErrorState error={change.error} />}
      {arranging && (
        <AddTile
          dashboard={dashboard}
          onAdd={(report, name) => setTiles(addTile(dashboard.tiles, report), t.added(name))}
        />
      )}
      {dashboard.tiles.length === 0 ? <Empty hasReports={(reports.data ?? []).length > 0} /> : (
        <TileGrid tiles={dashboard.tiles} reports={reports.data ?? null} range={range} arranging={arranging} onChange={setTiles} />
      )}
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </Page>
  );
}

function Empty({ hasReports }: { hasReports: boolean }) {
  return (
    <Card>
      <EmptyState title={t.noTilesTitle} text={hasReports ? t.noTilesText : t.noReportsText}>
        {!hasReports && <LinkButton to="/graph">{texts.saved.reports.begin}</LinkButton>}
      </EmptyState>
    </Card>
  );
}

function AddTile({ dashboard, onAdd }: { dashboard: Dashboard; onAdd: (report: string, name: string) => void }) {
  const reports = useReports(useProject().id);
  const full = dashboard.tiles.length >= TILES_MAX;
  const all = [...(reports.data ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  if (all.length === 0) return null;
  return (
    <Select
      label={t.addTile} description={full ? t.addTileFull : t.hint} placeholder={t.addTilePlaceholder} disabled={full} searchable maw={420} value={null}
      data={all.map((report) => ({ value: report.id, label: report.name }))} nothingFoundMessage={t.addTileNone} data-testid="add-tile"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      onChange={(id) => id !== null && onAdd(id, all.find((report) => report.id === id)?.name ?? '')}
    />
  );
}

function BoardMenu({ dashboard }: { dashboard: Dashboard }) {
  const project = useProject();
  const navigate = useNavigate();
  const change = useChangeDashboard(project.id);
  const remove = useDeleteDashboard(project.id);
  const [open, setOpen] = useState<'rename' | 'remove' | 'add' | null>(null);
  const close = () => {
    change.reset();
    remove.reset();
    setOpen(null);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label={t.menu(dashboard.name)}><Icon name="more" size={18} /></Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('rename')}>{t.rename}</Menu.Item>
          <Menu.Item onClick={() => setOpen('add')}>{t.add}…</Menu.Item>
          <Menu.Item onClick={() => void navigate({ to: '/dashboards', search: {} as never })}>{t.all}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setOpen('remove')}>{t.remove}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        opened={open === 'rename'} title={t.renameTitle} name={dashboard.name} missing={t.missing} submit={t.renameSubmit} change={change} onClose={close}
        onSubmit={(name) => change.mutate({ id: dashboard.id, name }, { onSuccess: close })}
      />
      <NewDashboard opened={open === 'add'} onClose={close} />
      <ConfirmDialog
        opened={open === 'remove'} title={t.removeTitle(dashboard.name)} text={t.removeText} submit={t.removeSubmit} change={remove} onClose={close}
        onConfirm={() => remove.mutate(dashboard.id, { onSuccess: () => void navigate({ to: '/dashboards', search: {} as never }) })}
      />
    </>
  );
}
