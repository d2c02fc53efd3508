import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { settingsOf, useChangeProject } from '../api/settings';
import { MASKS_MAX, readMasks } from '../model/settings';
import { snippet } from '../model/snippet';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CodeBlock } from '../ui/CodeBlock';
import { ErrorState } from '../ui/States';
import { Saved, Section } from './SettingsPage';
import classes from './settings.module.css';

const t = texts.settings.masks;

export function Masks() {
  const project = useProject();
  const change = useChangeProject(project.id);
  const [text, setText] = useState(project.masks.join('\n'));
  const masks = readMasks(text);
  const tooMany = masks.length > MASKS_MAX;
  const changed = masks.join('\n') !== project.masks.join('\n');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!tooMany) change.mutate({ ...settingsOf(project), masks });
  };
  return (
    <Section title={t.title} lead={t.lead}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Textarea
            label={t.field} description={t.scope} placeholder={t.placeholder} value={text} autosize minRows={3} maxRows={12} spellCheck={false}
            classNames={{ input: classes.code ?? '' }} error={tooMany && t.tooMany} data-testid="masks"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            onChange={(event) => {
              change.reset();
              setText(event.currentTarget.value);
            }}
          />
          {change.isError && <ErrorState error={change.error} />}
          <Group>
            <Button type="submit" loading={change.isPending} disabled={!changed || tooMany}>{texts.settings.save}</Button>
            <Saved text={change.isSuccess ? t.saved : null} />
          </Group>
        </Stack>
      </form>
      {project.masks.length > 0 && (
        <Stack gap={6}>
          <Text size="sm" c="dimmed">{t.tag}</Text>
          <CodeBlock label={texts.install.snippet} code={snippet(window.location.origin, project.write_key, project.masks)} />
        </Stack>
      )}
      <Stack gap={6}>
        <Text size="sm" c="dimmed">{t.code}</Text>
        <CodeBlock label={t.code} code={'<span data-cairn-mask>Jane Doe</span>'} />
      </Stack>
    </Section>
  );
}
