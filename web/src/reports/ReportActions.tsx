import { Button, Group, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReportAnswer, ReportQuery } from '../api/answers';
import { toCsv } from '../model/table';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CopyButton } from '../ui/CodeBlock';
import { Icon } from '../ui/icons';
import { useDrawnCharts } from './charts/registry';
import { download, fileName } from './download';
import { REPORT_KINDS, type ReportKindName, type Search } from './kinds';
import { png } from './png';

const t = texts.reports;

interface ReportActionsProps {
  kind: ReportKindName;
  search: Search;
}

/** What can be done with a report, in the head of its page. */
export function ReportActions({ kind, search }: ReportActionsProps) {
  return (
    <Group gap="xs">
      <Export kind={kind} search={search} />
      <CopyButton text={() => window.location.href} label={texts.graph.copyLink} />
    </Group>
  );
}

function Export({ kind: name, search }: ReportActionsProps) {
  const project = useProject();
  const client = useQueryClient();
  const [chart] = useDrawnCharts();
  const kind = REPORT_KINDS[name];
  const title = kind.title(search);
  const csv = () => {
    const query: ReportQuery = kind.query(search, { zone: project.zone, now: Date.now() });
    const answer = client.getQueryData<ReportAnswer>(['report', project.id, query]);
    if (answer !== undefined) download(fileName(title, 'csv'), toCsv(kind.tables(search, query, answer)));
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<Icon name="updown" size={14} />} data-testid="report-export">{t.export}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={csv} data-testid="report-csv">{t.csv}</Menu.Item>
        {chart && <Menu.Item onClick={() => void png(chart, title).then((image) => download(fileName(title, 'png'), image))} data-testid="report-png">{t.png}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
