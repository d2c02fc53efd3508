import { Anchor, Button, Group, Table, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useDashboards, useReports, type Report } from '../api/saved';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { LinkButton } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../ui/States';
import { When } from '../ui/When';
import { kindOf } from './kinds';
import { DeleteReport, RenameReport } from './reportDialogs';
import classes from './saved.module.css';

const t = texts.saved.reports;
/** Fewer are seen at a glance. */
const FILTER_FROM = 8;

export function ReportsPage() {
  const project = useProject();
  const reports = useReports(project.id);
  return (
    <Page title={t.title} lead={t.lead}>
      {reports.isError && <ErrorState error={reports.error} onRetry={() => void reports.refetch()} />}
      {reports.isPending && <Card padded={false}><LoadingRows rows={6} height={28} /></Card>}
      {reports.data && (reports.data.length === 0 ? (
        <Card>
          <EmptyState title={t.emptyTitle} text={t.emptyText}><LinkButton to="/graph">{t.begin}</LinkButton></EmptyState>
        </Card>
      ) : <List reports={reports.data} />)}
    </Page>
  );
}

function List({ reports }: { reports: Report[] }) {
  const [filter, setFilter] = useState('');
  const [renaming, setRenaming] = useState<Report | null>(null);
  const [deleting, setDeleting] = useState<Report | null>(null);
  const wanted = filter.trim().toLowerCase();
  const shown = reports.filter((report) => report.name.toLowerCase().includes(wanted)).sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Card padded={false}>
      {reports.length >= FILTER_FROM && (
        <TextInput
          aria-label={t.search} placeholder={t.search} value={filter} m="md" leftSection={<Icon name="search" size={16} />}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      {shown.length === 0 && <Text c="dimmed" p="lg">{t.none}</Text>}
      {shown.length > 0 && (
        <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.name}</Table.Th>
              <Table.Th visibleFrom="sm">{t.kind}</Table.Th>
              <Table.Th visibleFrom="md">{t.on}</Table.Th>
              <Table.Th visibleFrom="sm">{t.changed}</Table.Th>
              <Table.Th aria-label={t.actions} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((report) => <Row key={report.id} report={report} onRename={() => setRenaming(report)} onDelete={() => setDeleting(report)} />)}
          </Table.Tbody>
        </Table>
      )}
      <RenameReport report={renaming} onClose={() => setRenaming(null)} />
      <DeleteReport report={deleting} onClose={() => setDeleting(null)} />
    </Card>
  );
}

function Row({ report, onRename, onDelete }: { report: Report; onRename: () => void; onDelete: () => void }) {
  const dashboards = useDashboards(useProject().id);
  const on = (dashboards.data ?? []).filter((board) => board.tiles.some((tile) => tile.report === report.id));
  const kind = texts.saved.kinds[report.kind] ?? report.kind;
  return (
    <Table.Tr data-testid="report">
      <Table.Td>
        <ReportLink report={report} />
        <Text size="sm" c="dimmed" hiddenFrom="sm">{kind}</Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" c="dimmed">{kind}</Table.Td>
      <Table.Td visibleFrom="md">
        {on.map((board, at) => (
          <span key={board.id}>
            {at > 0 && ', '}
            <Anchor component={Link} to="/dashboards" search={{ board: board.id } as never} size="sm" className={classes.wrap}>{board.name}</Anchor>
          </span>
        ))}
      </Table.Td>
      <Table.Td visibleFrom="sm" c="dimmed" fz="sm"><When time={report.changed_at} /></Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Button size="xs" variant="default" aria-label={t.rename(report.name)} onClick={onRename}>{t.renameShort}</Button>
          <Button size="xs" variant="subtle" color="red" aria-label={t.remove(report.name)} onClick={onDelete}>{t.removeShort}</Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** The name, which leads to the page that shows it. */
export function ReportLink({ report }: { report: Report }) {
  const kind = kindOf(report.kind);
  if (kind === null) return <Text span title={t.unknownKind} className={classes.wrap}><bdi>{report.name}</bdi></Text>;
  return (
    <Link to={kind.path} search={report.state as never} className={classes.link} aria-label={t.open(report.name)}><bdi>{report.name}</bdi></Link>
  );
}
