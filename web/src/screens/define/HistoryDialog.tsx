import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useSaveDefinition } from '../../api/queries';
import { useVersions, type Version } from '../../api/saved';
import { summary } from '../../conditions/summary';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { ErrorState, LoadingRows } from '../../ui/States';
import { When } from '../../ui/When';
import classes from './define.module.css';

const t = texts.definitions.history;

export function HistoryDialog({ name, onClose }: { name: string | null; onClose: () => void }) {
  return (
    <Modal
      opened={name !== null} onClose={onClose} size="lg" title={<Text fw={600} className={classes.wrap}>{name === null ? '' : t.title(name)}</Text>}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      {name !== null && <History name={name} onClose={onClose} />}
    </Modal>
  );
}

function History({ name, onClose }: { name: string; onClose: () => void }) {
  const project = useProject();
  const navigate = useNavigate();
  const versions = useVersions(project.id, name);
  const save = useSaveDefinition(project.id);
  const [restored, setRestored] = useState<number | null>(null);
  const restore = ({ version, predicate }: Version) => save.mutate({ name, predicate }, { onSuccess: () => setRestored(version) });
  const look = ({ predicate }: Version) => {
    onClose();
    void navigate({ to: '/define', search: { edit: name, predicate: JSON.stringify(predicate) } });
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">{t.lead}</Text>
      {save.isError && <ErrorState error={save.error} />}
      <Text size="sm" role="status" c="var(--mantine-color-pine-text)" className={classes.said}>{restored !== null && t.restored(restored)}</Text>
      {versions.isError && <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.isPending && <LoadingRows rows={3} height={32} />}
      <ol className={classes.versions}>
        {(versions.data ?? []).map((version, at) => (
          <li key={version.version} className={classes.version} data-testid="version">
            <div className={classes.about}>
              <Group gap="xs">
                <Text fw={600} size="sm">{t.version(version.version)}</Text>
                {at === 0 && <Badge variant="light" color="pine">{t.current}</Badge>}
                <Text size="sm" c="dimmed"><When time={version.created_at} /></Text>
              </Group>
              <Text size="sm" className={classes.wrap}><bdi>{summary(version.predicate)}</bdi></Text>
            </div>
            {at > 0 && (
              <Group gap="xs" className={classes.tools}>
                <Button size="xs" variant="subtle" onClick={() => look(version)} aria-label={t.lookLabel(version.version)}>{t.look}</Button>
                <Button size="xs" variant="default" loading={save.isPending} onClick={() => restore(version)} aria-label={t.restoreLabel(version.version)}>{t.restore}</Button>
              </Group>
            )}
          </li>
        ))}
      </ol>
    </Stack>
  );
}
