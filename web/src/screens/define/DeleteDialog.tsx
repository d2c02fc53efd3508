import { useNavigate } from '@tanstack/react-router';
import { useDeleteDefinition } from '../../api/queries';
import type { Usage } from '../../api/saved';
import { ConfirmDialog } from '../../saved/NameDialog';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';

const t = texts.define;

interface DeleteDialogProps {
  name: string | null;
  used: Usage | null;
  editing: string | null;
  onClose: () => void;
}

export function DeleteDialog({ name, used, editing, onClose }: DeleteDialogProps) {
  const project = useProject();
  const navigate = useNavigate();
  const remove = useDeleteDefinition(project.id);
  const close = () => {
    remove.reset();
    onClose();
  };
  const confirm = () => {
    if (name === null) return;
    remove.mutate(name, {
      onSuccess: () => {
        if (name === editing) void navigate({ to: '/define' });
        close();
      },
    });
  };
  const places = [...(used?.reports ?? []), ...(used?.dashboards ?? [])].map((one) => `“${one}”`).join(', ');
  return (
    <ConfirmDialog
      opened={name !== null} title={name === null ? '' : t.delTitle(name)} submit={t.del} change={remove} onClose={close} onConfirm={confirm}
      text={places === '' ? t.delText : `${texts.definitions.list.deleteUsed(places)} ${t.delText}`}
    />
  );
}
