import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useNewKey, useRevokeKey } from '../api/settings';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { ConfirmDialog } from '../saved/NameDialog';
import { CodeBlock } from '../ui/CodeBlock';
import { When } from '../ui/When';
import { Saved, Section } from './SettingsPage';
import classes from './settings.module.css';

const t = texts.settings.keys;

export function Keys() {
  const project = useProject();
  const make = useNewKey(project.id);
  const revoke = useRevokeKey(project.id);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const close = () => {
    make.reset();
    revoke.reset();
    setMaking(false);
    setRevoking(null);
  };
  const done = (text: string) => () => {
    setSaid(text);
    close();
  };
  return (
    <Section title={t.title} lead={t.lead}>
      <Stack gap={6}>
        <Text fw={500} size="sm">{t.current}</Text>
        <CodeBlock label={t.current} code={project.write_key} />
        <Text size="sm" c="dimmed">{t.currentHelp}</Text>
      </Stack>
      {project.former_keys.length > 0 && (
        <Stack gap={6}>
          <Text fw={500} size="sm">{t.former}</Text>
          <ul className={classes.keys}>
            {project.former_keys.map(({ key, replaced_at }) => (
              <li key={key} className={classes.key} data-testid="former-key">
                <div className={classes.about}>
                  <Text className={classes.code}>{key}</Text>
                  <Text size="sm" c="dimmed">{t.formerSince}<When time={replaced_at} /></Text>
                </div>
                <Button size="xs" variant="subtle" color="red" aria-label={t.revokeLabel(key)} onClick={() => setRevoking(key)}>{t.revoke}</Button>
              </li>
            ))}
          </ul>
        </Stack>
      )}
      <Group>
        <Button variant="default" onClick={() => setMaking(true)} data-testid="new-key">{t.make}</Button>
        <Saved text={said} />
      </Group>
      <ConfirmDialog
        opened={making} title={t.makeTitle} text={t.makeText} submit={t.makeSubmit} color="pine" change={make} onClose={close}
        onConfirm={() => make.mutate(undefined, { onSuccess: done(t.made) })}
      />
      <ConfirmDialog
        opened={revoking !== null} title={t.revokeTitle} text={t.revokeText(revoking ?? '')} submit={t.revokeSubmit} change={revoke} onClose={close}
        onConfirm={() => revoking !== null && revoke.mutate(revoking, { onSuccess: done(t.revoked) })}
      />
    </Section>
  );
}
