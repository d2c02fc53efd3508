import { Alert, Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { settingsOf, useChangeProject } from '../api/settings';
import { useProject } from '../shell/project';
import { ZONES } from '../shell/NewProject';
import { texts } from '../texts';
import { Card, Page } from '../ui/Page';
import { ErrorState } from '../ui/States';
import { Keys } from './Keys';
import { Masks } from './Masks';
import { Retention } from './Retention';

const t = texts.settings;

export function SettingsPage() {
  const project = useProject();
  return (
    <Page title={t.title} lead={t.lead(project.name)}>
      <General />
      <Keys />
      <Retention />
      <Masks />
    </Page>
  );
}

export function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Card label={title}>
      <Stack gap="md" maw={640}>
        <div>
          <Title order={2} size="h4">{title}</Title>
          {lead !== undefined && <Text size="sm" c="dimmed" mt={2}>{lead}</Text>}
        </div>
        {children}
      </Stack>
    </Card>
  );
}

/** Says that it is done, once it is. */
export function Saved({ text }: { text: string | null }) {
  return <Text size="sm" role="status" c="var(--mantine-color-pine-text)">{text}</Text>;
}

function General() {
  const project = useProject();
  const change = useChangeProject(project.id);
  const [name, setName] = useState(project.name);
  const [zone, setZone] = useState(project.zone);
  const [tried, setTried] = useState(false);
  const zones = ZONES.includes(project.zone) ? ZONES : [project.zone, ...ZONES];
  const trimmed = name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (trimmed !== '') change.mutate({ ...settingsOf(project), name: trimmed, zone });
  };
  return (
    <Section title={t.general.title}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t.general.name} value={name} maxLength={200} autoComplete="off" error={tried && trimmed === '' && t.general.nameMissing}
            data-testid="project-name"
            onChange={(event) => {
              change.reset();
              setName(event.currentTarget.value);
            }}
          />
          <Select
            label={t.general.zone} description={t.general.zoneHelp} data={zones} value={zone} searchable limit={60} allowDeselect={false}
            nothingFoundMessage={t.general.zoneNone}
            onChange={(value) => {
              change.reset();
              if (value !== null) setZone(value);
            }}
          />
          {zone !== project.zone && <Alert color="yellow" variant="light" role="status">{t.general.zoneChanges(project.zone, zone)}</Alert>}
          {change.isError && <ErrorState error={change.error} />}
          <Group>
            <Button type="submit" loading={change.isPending} disabled={trimmed === project.name && zone === project.zone}>{t.save}</Button>
            <Saved text={change.isSuccess ? t.saved : null} />
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
