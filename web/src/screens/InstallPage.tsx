import { Alert, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { cspDirectives, IDENTIFY_EXAMPLE, isLocal, snippet, TRACK_EXAMPLE } from '../model/snippet';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CodeBlock } from '../ui/CodeBlock';
import { Icon } from '../ui/icons';
import { Card, Page } from '../ui/Page';
import { Arrival } from './install/Arrival';
import classes from './install/install.module.css';

const t = texts.install;

export function InstallPage() {
  const project = useProject();
  const origin = window.location.origin;
  return (
    <Page title={t.title} lead={t.lead(project.name)}>
      <Card>
        <Stack gap="xl">
          <Step number={1} title={t.paste} text={t.pasteText}>
            <CodeBlock label={t.snippet} code={snippet(origin, project.write_key, project.masks)} />
            {isLocal(window.location.hostname) && <Alert color="yellow" variant="light" icon={<Icon name="warning" />}>{t.origin}</Alert>}
          </Step>
          <Step number={2} title={t.check} text={t.checkText}><Arrival /></Step>
        </Stack>
      </Card>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Card><Told title={t.captured} items={t.capturedList} icon="check" /></Card>
        <Card><Told title={t.never} items={t.neverList} icon="close" /></Card>
      </SimpleGrid>
      <Card>
        <Stack gap="xl">
          <Step title={t.csp} text={t.cspText}><CodeBlock label={t.cspLabel} code={cspDirectives(origin)} /></Step>
          <Step title={t.identify} text={t.identifyText}><CodeBlock label={t.identify} code={IDENTIFY_EXAMPLE} /></Step>
          <Step title={t.track} text={t.trackText}><CodeBlock label={t.track} code={TRACK_EXAMPLE} /></Step>
          <Step title={t.key} text={t.keyText}><CodeBlock label={t.key} code={project.write_key} /></Step>
        </Stack>
      </Card>
    </Page>
  );
}

function Step({ number, title, text, children }: { number?: number; title: string; text: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="xs">
      <Title order={2} size="h5">{number === undefined ? title : `${number}. ${title}`}</Title>
      <Text c="dimmed" size="sm">{text}</Text>
      {children}
    </Stack>
  );
}

function Told({ title, items, icon }: { title: string; items: string[]; icon: 'check' | 'close' }) {
  return (
    <>
      <Title order={2} size="h5" mb="sm">{title}</Title>
      <List size="sm" spacing={8} classNames={{ itemWrapper: classes.item ?? '', itemIcon: classes.mark ?? '' }} icon={<Text span lh={0} c={icon === 'check' ? 'pine' : 'dimmed'}><Icon name={icon} size={15} /></Text>}>
        {items.map((item) => <List.Item key={item}>{item}</List.Item>)}
      </List>
    </>
  );
}
