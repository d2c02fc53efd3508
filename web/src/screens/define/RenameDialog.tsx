import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { Usage } from '../../api/saved';
import { texts } from '../../texts';
import { ErrorState } from '../../ui/States';
import classes from './define.module.css';

const t = texts.definitions.rename;

interface RenameDialogProps {
  opened: boolean;
  from: string;
  to: string;
  used: Usage | null;
  change: { isPending: boolean; error: Error | null };
  onConfirm: () => void;
  onClose: () => void;
}

/** Shows what uses the old name before it is changed. */
export function RenameDialog({ opened, from, to, used, change, onConfirm, onClose }: RenameDialogProps) {
  const reports = used?.reports ?? [];
  return (
    <Modal
      opened={opened} onClose={onClose} title={<Text fw={600} className={classes.wrap}>{t.title(from, to)}</Text>} closeButtonProps={{ 'aria-label': texts.close }}
    >
      <Stack>
        <Text size="sm">{t.text}</Text>
        {reports.length > 0 && (
          <div>
            <Text size="sm">{t.used(reports.length)}</Text>
            <ul className={classes.names}>{reports.map((name) => <li key={name}><bdi>{name}</bdi></li>)}</ul>
          </div>
        )}
        <Text size="sm" c="dimmed">{t.links}</Text>
        {change.error && <ErrorState error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{texts.cancel}</Button>
          <Button loading={change.isPending} onClick={onConfirm} data-testid="rename-confirm">{reports.length > 0 ? t.submitCarry(reports.length) : t.submit}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
