import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { CodeBlock } from '../../ui/CodeBlock';
import { LinkAnchor } from '../../ui/links';
import { Card, Page } from '../../ui/Page';
import { OpenSite } from './OpenSite';
import classes from './visualizer.module.css';

const t = texts.visualizer;

export function VisualizerPage() {
  const project = useProject();
  const origin = window.location.origin;
  return (
    <Page title={t.title} lead={t.lead}>
      <Card label={t.open}><OpenSite key={project.id} project={project.id} /></Card>
      <Card>
        <Title order={2} size="h5" mb="sm">{t.steps}</Title>
        <ol className={classes.steps}>
          {t.step.map(([name, text]) => <li key={name}><b>{name}</b><Text size="sm" c="dimmed">{text}</Text></li>)}
        </ol>
        <Text size="sm" c="dimmed" mt="md">{t.private}</Text>
      </Card>
      <Card>
        <Stack gap="xl">
          <Title order={2} size="h5" id="trouble">{t.trouble}</Title>
          <Cause title={t.snippet} text={t.snippetText}><LinkAnchor to="/install" size="sm">{t.toInstall}</LinkAnchor></Cause>
          <Cause title={t.csp} text={t.cspText}><CodeBlock label={t.csp} code={`script-src ${origin}; connect-src ${origin}`} /></Cause>
          <Cause title={t.redirect} text={t.redirectText} />
        </Stack>
      </Card>
    </Page>
  );
}

function Cause({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <Stack component="section" gap="xs" align="stretch">
      <Title order={3} size="h6">{title}</Title>
      <Text size="sm" c="dimmed">{text}</Text>
      {children}
    </Stack>
  );
}
