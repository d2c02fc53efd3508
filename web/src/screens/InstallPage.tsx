import { Alert, Loader, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useNewestEvent } from '../api/queries';
import { IDENTIFY_EXAMPLE, isLocal, snippet, TRACK_EXAMPLE } from '../model/snippet';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { CodeBlock } from '../ui/CodeBlock';
import { Icon } from '../ui/icons';
import { LinkAnchor } from '../ui/links';
import { Card, Page } from '../ui/Page';
import { When } from '../ui/When';

const t = texts.install;

export function InstallPage() {
  const project = useProject();
  const origin = window.location.origin;
  return (
    <Page title={t.title} lead={t.lead(project.name)}>
      <Card>
        <Stack gap="xl">
          <Step title={t.paste} text={t.pasteText}>
            <CodeBlock label={t.snippet} code={snippet(origin, project.write_key, project.masks)} />
            {isLocal(window.location.hostname) && <Alert color="yellow" variant="light" icon={<Icon name="warning" />}>{t.origin}</Alert>}
          </Step>
          <Step title={t.check}><Arrival project={project.id} /></Step>
        </Stack>
      </Card>
      <Card>
        <Stack gap="xl">
          <Step title={t.identify} text={t.identifyText}><CodeBlock label={t.identify} code={IDENTIFY_EXAMPLE} /></Step>
          <Step title={t.track} text={t.trackText}><CodeBlock label={t.track} code={TRACK_EXAMPLE} /></Step>
          <Step title={t.csp} text={t.cspText}><CodeBlock label={t.csp} code={origin} /></Step>
          <Step title={t.key} text={t.keyText}><CodeBlock label={t.key} code={project.write_key} /></Step>
        </Stack>
      </Card>
    </Page>
  );
}

function Step({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="xs">
      <Title order={2} size="h5">{title}</Title>
      {text !== undefined && <Text c="dimmed" size="sm">{text}</Text>}
      {children}
    </Stack>
  );
}

/** Says so as soon as the first event is there. */
function Arrival({ project }: { project: string }) {
  const { data: newest, isPending } = useNewestEvent(project);
  return (
    <Text role="status" mih={26} style={{ display: 'flex', alignItems: 'center', gap: 10 }}>
      {newest ? (
        <>
          <Text span c="pine" lh={0}><Icon name="check" /></Text>
          <span>{t.arrivedBefore}<When time={newest.received_at} />. <LinkAnchor to="/live">{t.watch}</LinkAnchor></span>
        </>
      ) : !isPending && (
        <>
          <Loader size={16} />
          {t.waiting}
        </>
      )}
    </Text>
  );
}
