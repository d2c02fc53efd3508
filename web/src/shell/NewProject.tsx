import { Button, Center, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useCreateProject } from '../api/queries';
import type { Project } from '../api/types';
import { texts } from '../texts';
import { Card } from '../ui/Page';
import { ErrorState } from '../ui/States';

export const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

export function NewProjectForm({ onDone }: { onDone?: (project: Project) => void }) {
  const create = useCreateProject();
  const [name, setName] = useState('');
  const [zone, setZone] = useState<string | null>(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return ZONES.includes(here) ? here : 'UTC';
  });
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '' || zone === null) return;
    create.mutate({ name: name.trim(), zone }, { onSuccess: (project) => onDone?.(project) });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={texts.project.name} placeholder={texts.project.namePlaceholder} value={name} data-autofocus maxLength={200}
          error={tried && name.trim() === '' && texts.project.nameMissing} onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={texts.project.zone} description={texts.project.zoneHelp} data={ZONES} value={zone} onChange={setZone} searchable limit={60}
          nothingFoundMessage={texts.project.zoneNone} error={tried && zone === null && texts.project.zoneMissing}
        />
        {create.isError && <ErrorState error={create.error} />}
        <Button type="submit" loading={create.isPending}>{texts.project.submit}</Button>
      </Stack>
    </form>
  );
}

export function FirstProject() {
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={440}>
        <Card>
          <Stack>
            <div>
              <Title order={1} size="h3">{texts.project.first}</Title>
              <Text c="dimmed" mt={4}>{texts.project.firstText}</Text>
            </div>
            <NewProjectForm />
          </Stack>
        </Card>
      </Stack>
    </Center>
  );
}
