/** Renaming and deleting a saved report. */
import { useChangeReport, useDashboards, useDeleteReport, type Report } from '../api/saved';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { ConfirmDialog, NameDialog } from './NameDialog';

const t = texts.saved;

interface ReportDialogProps {
  report: Report | null;
  onClose: () => void;
}

export function RenameReport({ report, onClose }: ReportDialogProps) {
  const change = useChangeReport(useProject().id);
  const close = () => {
    change.reset();
    onClose();
  };
  return (
    <NameDialog
      opened={report !== null} title={t.rename.title} name={report?.name ?? ''} missing={t.save.missing} submit={t.rename.submit}
      change={change} onClose={close}
      onSubmit={(name) => report && change.mutate({ id: report.id, name }, { onSuccess: close })}
    />
  );
}

export function DeleteReport({ report, onClose }: ReportDialogProps) {
  const project = useProject();
  const remove = useDeleteReport(project.id);
  const dashboards = useDashboards(project.id);
  const on = (dashboards.data ?? []).filter((board) => board.tiles.some((tile) => tile.report === report?.id)).map((board) => `“${board.name}”`);
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={report !== null} title={t.remove.title(report?.name ?? '')} submit={t.remove.submit} change={remove} onClose={close}
      text={on.length > 0 ? t.remove.on(on.join(', ')) : t.remove.text}
      onConfirm={() => report && remove.mutate(report.id, { onSuccess: close })}
    />
  );
}
