import { Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useDeleteDefinition } from '../../api/queries';
import type { Definition } from '../../api/types';
import { summary } from '../../conditions/summary';
import { nameText } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkButton } from '../../ui/links';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import classes from './define.module.css';

const t = texts.define;

export function DefinitionList({ definitions, editing }: { definitions: Definition[]; editing: string | null }) {
  const [deleting, setDeleting] = useState<string | null>(null);
  const sorted = [...definitions].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Card padded={false}>
      <Title order={2} size="h4" p="lg" pb="sm">{t.existing}</Title>
      {sorted.length === 0 && <Text c="dimmed" px="lg" pb="lg">{t.none}</Text>}
      <ul className={classes.list}>
        {sorted.map((definition) => (
          <DefinitionItem key={definition.name} definition={definition} editing={definition.name === editing} onDelete={() => setDeleting(definition.name)} />
        ))}
      </ul>
      <DeleteDialog name={deleting} editing={editing} onClose={() => setDeleting(null)} />
    </Card>
  );
}

function DefinitionItem({ definition, editing, onDelete }: { definition: Definition; editing: boolean; onDelete: () => void }) {
  const { name, predicate } = definition;
  const conditions = summary(predicate);
  return (
    <li className={classes.item} data-testid="definition" data-editing={editing || undefined}>
      <div className={classes.about}>
        <Link to="/graph" search={{ event: nameText(name) }} className={classes.link} aria-label={t.graphLabel(name)}><bdi>{name}</bdi></Link>
        <Text size="sm" c="dimmed" lineClamp={2} title={conditions} className={classes.wrap}><bdi>{conditions}</bdi></Text>
      </div>
      <Group gap="xs" wrap="nowrap">
        <LinkButton to="/define" search={{ edit: name }} size="xs" variant="default" aria-label={t.editLabel(name)}>{t.edit}</LinkButton>
        <Button size="xs" variant="subtle" color="red" aria-label={t.delLabel(name)} onClick={onDelete}>{t.del}</Button>
      </Group>
    </li>
  );
}

function DeleteDialog({ name, editing, onClose }: { name: string | null; editing: string | null; onClose: () => void }) {
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
  return (
    <Modal
      opened={name !== null} onClose={close} title={<Text fw={600} className={classes.wrap}>{name === null ? '' : t.delTitle(name)}</Text>}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      <Stack>
        <Text size="sm">{t.delText}</Text>
        {remove.isError && <ErrorState error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>{texts.cancel}</Button>
          <Button color="red" loading={remove.isPending} onClick={confirm}>{t.del}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
