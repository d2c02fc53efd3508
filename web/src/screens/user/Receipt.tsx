import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Erasure, Mentions, Person } from '../../api/people';
import { number } from '../../model/format';
import { receiptOf } from '../../model/receipt';
import { fileName, saveFile } from '../../model/save';
import { exactTime } from '../../model/time';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from './user.module.css';

const t = texts.users;

/** What was erased, when and how much of it, to be kept. */
export function Receipt({ erasure, person, onDone }: { erasure: Erasure; person: Person; onDone: () => void }) {
  const project = useProject();
  const save = () => {
    const text = `${JSON.stringify(receiptOf(project, person, erasure), null, 2)}\n`;
    saveFile(`${fileName('erasure', person.handle ?? person.user_ids[0] ?? '', String(erasure.at))}.json`, new Blob([text], { type: 'application/json' }));
  };
  return (
    <Stack data-testid="receipt">
      <dl className={classes.facts} aria-label={t.receipt}>
        <Row name={t.receiptProject}>{project.name}</Row>
        <Row name={t.receiptWho}><bdi>{person.handle ?? t.anonymous}</bdi></Row>
        <Row name={t.receiptIds}><span className={classes.mono}>{erasure.users.join(', ')}</span></Row>
        <Row name={t.receiptWhen}>{exactTime(erasure.at, project.zone)}</Row>
        <Row name={t.receiptEvents}>{number(erasure.events)}</Row>
        <Row name={t.receiptLists}>{number(erasure.lists)}</Row>
        <Row name={t.receiptFiles}>
          {erasure.purge_at === null ? t.receiptPurged : t.receiptPurge + exactTime(erasure.purge_at, project.zone)}
        </Row>
      </dl>
      <StillNamed mentions={erasure.mentions} />
      <Text size="sm" c="dimmed">{t.receiptNote}</Text>
      <Group justify="flex-end">
        <Button variant="default" leftSection={<Icon name="download" size={15} />} onClick={save} data-testid="receipt-save">{t.saveReceipt}</Button>
        <Button onClick={onDone} data-autofocus data-testid="receipt-done">{t.done}</Button>
      </Group>
    </Stack>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

const KINDS = ['reports', 'dashboards', 'definitions', 'lists'] as const;

/** What a person has to change. */
function StillNamed({ mentions }: { mentions: Mentions }) {
  const named = KINDS.flatMap((kind) => mentions[kind].map((name) => ({ kind, name })));
  if (named.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" icon={<Icon name="warning" />} data-testid="receipt-mentions">
      <Text size="sm" fw={600}>{t.receiptMentions}</Text>
      <ul className={classes.mentions}>
        {named.map(({ kind, name }) => <li key={`${kind} ${name}`}>{t.receiptMention[kind]} <bdi>{name}</bdi></li>)}
      </ul>
      <Text size="sm">{t.receiptMentionsNote}</Text>
    </Alert>
  );
}
