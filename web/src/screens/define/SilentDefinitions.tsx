import { Alert, Badge, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useClosest, type Activity, type Proposal } from '../../api/saved';
import type { Definition } from '../../api/types';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkButton } from '../../ui/links';
import { ErrorState } from '../../ui/States';
import classes from './define.module.css';

const t = texts.definitions.silent;

interface SilentDefinitionsProps {
  definitions: Definition[];
  activity: Map<string, Activity>;
}

/** What used to match and does no more, with what it may be by now. */
export function SilentDefinitions({ definitions, activity }: SilentDefinitionsProps) {
  return (
    <Alert color="yellow" variant="light" classNames={{ title: classes.plain ?? '', icon: classes.plain ?? '' }} icon={<Icon name="warning" />} title={t.title(definitions.length)} data-testid="silent">
      <Text size="sm">{t.lead}</Text>
      <ul className={classes.silent}>
        {definitions.map(({ name }) => {
          const silence = activity.get(name)?.silent;
          return silence && <Silent key={name} name={name} silence={silence} />;
        })}
      </ul>
    </Alert>
  );
}

function Silent({ name, silence }: { name: string; silence: NonNullable<Activity['silent']> }) {
  const [open, setOpen] = useState(false);
  return (
    <li className={classes.silentItem}>
      <Group justify="space-between" gap="xs">
        <div className={classes.about}>
          <Text fw={600} className={classes.wrap}><bdi>{name}</bdi></Text>
          <Text size="sm">{t.since(silence.days, silence.daily_before)}</Text>
        </div>
        {!open && <Button size="xs" variant="default" onClick={() => setOpen(true)} aria-label={t.findLabel(name)} data-testid="find-closest">{t.find}</Button>}
      </Group>
      {open && <Proposals name={name} />}
    </li>
  );
}

function Proposals({ name }: { name: string }) {
  const closest = useClosest(useProject().id, name, true);
  if (closest.isError) return <ErrorState error={closest.error} onRetry={() => void closest.refetch()} />;
  if (closest.isPending) return <Group gap="xs" role="status"><Loader size={16} /><Text size="sm">{t.looking}</Text></Group>;
  if (closest.data.length === 0) return <Text size="sm" role="status">{t.nothing}</Text>;
  return (
    <Stack gap="xs" role="group" aria-label={t.proposal}>
      <Text size="sm" c="dimmed">{t.proposal}</Text>
      {closest.data.map((proposal) => <One key={`${proposal.selector} ${proposal.text ?? ''}`} name={name} proposal={proposal} />)}
    </Stack>
  );
}

function One({ name, proposal: { predicate, selector, text, alike, seen } }: { name: string; proposal: Proposal }) {
  return (
    <div className={classes.proposal} data-testid="proposal">
      <div className={classes.about}>
        <Text size="sm" fw={600} className={classes.wrap}><bdi>{text === null ? t.noText : `“${text}”`}</bdi></Text>
        <Text className={`${classes.mono ?? ''} ${classes.wrap ?? ''}`}><bdi>{selector}</bdi></Text>
        <Group gap={6} mt={4}>
          {alike.map((what) => <Badge key={what} variant="default" tt="none" fw={500}>{t.alike[what] ?? what}</Badge>)}
          <Text size="xs" c="dimmed">{t.seen(seen)}</Text>
        </Group>
      </div>
      <LinkButton
        to="/define" search={{ edit: name, predicate: JSON.stringify(predicate) }} size="xs" aria-label={t.useLabel(name, selector)} data-testid="use-proposal"
      >
        {t.use}
      </LinkButton>
    </div>
  );
}
