import { Button, Menu, Text } from '@mantine/core';
import { useState } from 'react';
import {
  useChangeDashboard, useChangeReport, useDashboards, useNewDashboard, useReports, useSaveReport, type Dashboard, type Report,
} from '../api/saved';
import { addTile, stateOf, TILES_MAX } from '../model/dashboard';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { LinkAnchor } from '../ui/links';
import { asksTheSame } from './kinds';
import { NameDialog } from './NameDialog';
import { DeleteReport, RenameReport } from './reportDialogs';
import classes from './saved.module.css';

const t = texts.saved.save;

interface SaveReportProps {
  kind: string;
  /** The page's address, read. */
  search: object;
}

type Open = 'save' | 'rename' | 'remove' | 'board' | null;

/** Saves the report that a page shows; once it is saved, what can be done with it. */
export function SaveReport({ kind, search }: SaveReportProps) {
  const project = useProject();
  const reports = useReports(project.id);
  const [open, setOpen] = useState<Open>(null);
  const [said, setSaid] = useState<{ text: string; board?: string } | null>(null);
  const change = useChangeReport(project.id);
  const state = stateOf(search);
  const own = (reports.data ?? []).filter((report) => report.kind === kind);
  const shown = own.find((report) => asksTheSame(kind, report.state, state));
  /** The report that was shown before it was changed here. */
  const [lastId, setLastId] = useState<string | null>(null);
  if (shown && shown.id !== lastId) setLastId(shown.id);
  const report = shown ?? own.find((one) => one.id === lastId) ?? null;
  const close = () => setOpen(null);

  return (
    <div className={classes.save}>
      {report === null ? (
        <Button size="xs" variant="default" leftSection={<Icon name="save" size={14} />} onClick={() => setOpen('save')} disabled={reports.isPending} data-testid="save-report">
          {t.button}
        </Button>
      ) : (
        <ReportMenu
          report={report} changed={shown === undefined} onOpen={setOpen}
          onUpdate={() => change.mutate({ id: report.id, state }, { onSuccess: () => setSaid({ text: t.updated(report.name) }) })}
          onPut={(board) => setSaid({ text: t.onBoard(board.name), board: board.id })}
        />
      )}
      <SaveDialog opened={open === 'save'} kind={kind} search={search} onClose={close} onSaved={(name) => setSaid({ text: t.done(name) })} />
      <BoardDialog report={open === 'board' ? report : null} onClose={close} onPut={(board) => setSaid({ text: t.onBoard(board.name), board: board.id })} />
      <RenameReport report={open === 'rename' ? report : null} onClose={close} />
      <DeleteReport report={open === 'remove' ? report : null} onClose={close} />
      <Text size="sm" role="status" c="dimmed" className={classes.said}>
        {change.isError ? change.error.message : said?.text}
        {said?.board !== undefined && <> <LinkAnchor to="/dashboards" search={{ board: said.board }} inherit>{t.openBoard}</LinkAnchor></>}
      </Text>
    </div>
  );
}

interface ReportMenuProps {
  report: Report;
  changed: boolean;
  onOpen: (what: Open) => void;
  onUpdate: () => void;
  onPut: (board: Dashboard) => void;
}

function ReportMenu({ report, changed, onOpen, onUpdate, onPut }: ReportMenuProps) {
  const project = useProject();
  const dashboards = useDashboards(project.id);
  const put = useChangeDashboard(project.id);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="xs" variant="default" leftSection={<Icon name={changed ? 'save' : 'check'} size={14} />} rightSection={<Icon name="updown" size={14} />}
          aria-label={t.menu(report.name)} data-testid="report-menu" className={classes.menuButton}
        >
          <span className={classes.cut}>{changed ? t.changed(report.name) : t.saved(report.name)}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.dropdown}>
        {changed && <Menu.Item onClick={onUpdate}>{t.update(report.name)}</Menu.Item>}
        {changed && <Menu.Item onClick={() => onOpen('save')}>{t.asNew}</Menu.Item>}
        {changed && <Menu.Divider />}
        <Menu.Label>{t.addTo}</Menu.Label>
        {(dashboards.data ?? []).map((board) => (
          <Menu.Item
            key={board.id} disabled={board.tiles.length >= TILES_MAX} className={classes.wrap}
            rightSection={board.tiles.some((tile) => tile.report === report.id) ? <Icon name="check" size={14} /> : null}
            onClick={() => put.mutate({ id: board.id, tiles: addTile(board.tiles, report.id) }, { onSuccess: onPut })}
          >
            {board.name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => onOpen('board')} leftSection={<Icon name="plus" size={14} />}>{t.newBoard}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => onOpen('rename')}>{t.rename}</Menu.Item>
        <Menu.Item color="red" onClick={() => onOpen('remove')}>{t.remove}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SaveDialog({ opened, kind, search, onClose, onSaved }: SaveReportProps & { opened: boolean; onClose: () => void; onSaved: (name: string) => void }) {
  const save = useSaveReport(useProject().id);
  const close = () => {
    save.reset();
    onClose();
  };
  const done = (report: Report) => {
    onSaved(report.name);
    close();
  };
  return (
    <NameDialog
      opened={opened} title={t.title} lead={t.lead} name="" placeholder={t.placeholder} missing={t.missing} submit={t.submit} change={save}
      onClose={close} onSubmit={(name) => save.mutate({ name, kind, state: stateOf(search) }, { onSuccess: done })}
    />
  );
}

function BoardDialog({ report, onClose, onPut }: { report: Report | null; onClose: () => void; onPut: (board: Dashboard) => void }) {
  const project = useProject();
  const add = useNewDashboard(project.id);
  const put = useChangeDashboard(project.id);
  const close = () => {
    add.reset();
    onClose();
  };
  const submit = async (name: string) => {
    if (report === null) return;
    const board = await add.mutateAsync(name).catch(() => null);
    if (board === null) return;
    put.mutate({ id: board.id, tiles: addTile([], report.id) }, { onSuccess: onPut });
    close();
  };
  return (
    <NameDialog
      opened={report !== null} title={texts.saved.boards.addTitle} name="" placeholder={texts.saved.boards.placeholder}
      missing={texts.saved.boards.missing} submit={texts.saved.boards.submit} change={{ isPending: add.isPending, error: add.error }}
      onClose={close} onSubmit={(name) => void submit(name)}
    />
  );
}
