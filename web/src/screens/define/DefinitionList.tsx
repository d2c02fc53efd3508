import { Badge, Button, Checkbox, Group, Menu, Popover, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useActivity, type Activity, type Usage } from '../../api/saved';
import type { Definition } from '../../api/types';
import { summary } from '../../conditions/summary';
import { nameText } from '../../model/report';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkButton } from '../../ui/links';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import { When } from '../../ui/When';
import { CombineDialog } from './CombineDialog';
import { DeleteDialog } from './DeleteDialog';
import { HistoryDialog } from './HistoryDialog';
import { SilentDefinitions } from './SilentDefinitions';
import { Sparkline } from './Sparkline';
import classes from './define.module.css';

const t = texts.define;
const l = texts.definitions.list;
/** Fewer are seen at a glance. */
const FILTER_FROM = 10;

export function DefinitionList({ definitions, editing }: { definitions: Definition[]; editing: string | null }) {
  const project = useProject();
  const activity = useActivity(project.id, definitions);
  const [filter, setFilter] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<{ what: 'delete' | 'history'; name: string } | null>(null);
  const [combining, setCombining] = useState(false);
  const wanted = filter.trim().toLowerCase();
  const sorted = [...definitions].sort((a, b) => a.name.localeCompare(b.name));
  const shown = sorted.filter((definition) => definition.name.toLowerCase().includes(wanted));
  const chosen = sorted.filter((definition) => selected.has(definition.name));
  const silent = sorted.filter((definition) => activity.byName.get(definition.name)?.silent);
  const toggle = (name: string) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    setSelected(next);
  };
  return (
    <>
      {silent.length > 0 && <SilentDefinitions definitions={silent} activity={activity.byName} />}
      {activity.error && <ErrorState error={activity.error} onRetry={activity.retry} />}
      <Card padded={false}>
        <Group justify="space-between" p="lg" pb="sm" gap="sm">
          <Title order={2} size="h4">{t.existing}</Title>
          {chosen.length > 0 ? (
            <Group gap="xs">
              <Button size="xs" variant="subtle" onClick={() => setSelected(new Set())}>{l.clear}</Button>
              <Button size="xs" disabled={chosen.length < 2} onClick={() => setCombining(true)} data-testid="combine">{l.combine(chosen.length)}</Button>
            </Group>
          ) : definitions.length > 1 && <Text size="sm" c="dimmed">{l.selectHint}</Text>}
        </Group>
        {definitions.length >= FILTER_FROM && (
          <TextInput
            aria-label={l.search} placeholder={l.search} value={filter} mx="lg" mb="sm" leftSection={<Icon name="search" size={16} />}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )}
        {definitions.length === 0 && <Text c="dimmed" px="lg" pb="lg">{t.none}</Text>}
        {definitions.length > 0 && shown.length === 0 && <Text c="dimmed" px="lg" pb="lg">{l.none}</Text>}
        <ul className={classes.list}>
          {shown.map((definition) => (
            <DefinitionItem
              key={definition.name} definition={definition} activity={activity.byName.get(definition.name) ?? null} failed={activity.error !== null}
              editing={definition.name === editing} selected={selected.has(definition.name)} onSelect={() => toggle(definition.name)}
              onOpen={(what) => setOpen({ what, name: definition.name })}
            />
          ))}
        </ul>
      </Card>
      <DeleteDialog
        name={open?.what === 'delete' ? open.name : null} used={open ? (activity.byName.get(open.name)?.used ?? null) : null} editing={editing}
        onClose={() => setOpen(null)}
      />
      <HistoryDialog name={open?.what === 'history' ? open.name : null} onClose={() => setOpen(null)} />
      <CombineDialog definitions={combining ? chosen : []} onClose={() => setCombining(false)} />
    </>
  );
}

interface DefinitionItemProps {
  definition: Definition;
  /** Null while it is not known. */
  activity: Activity | null;
  failed: boolean;
  editing: boolean;
  selected: boolean;
  onSelect: () => void;
  onOpen: (what: 'delete' | 'history') => void;
}

function DefinitionItem({ definition, activity, failed, editing, selected, onSelect, onOpen }: DefinitionItemProps) {
  const { name, predicate } = definition;
  const conditions = summary(predicate);
  return (
    <li className={classes.item} data-testid="definition" data-editing={editing || undefined}>
      <Checkbox aria-label={l.select(name)} checked={selected} onChange={onSelect} className={classes.check ?? ''} />
      <div className={classes.about}>
        <Group gap="xs" wrap="wrap">
          <Link to="/graph" search={{ event: nameText(name) }} className={classes.link} aria-label={t.graphLabel(name)}><bdi>{name}</bdi></Link>
          {activity?.silent && <Badge color="yellow" variant="light" className={classes.plain ?? ''} leftSection={<Icon name="warning" size={12} />}>{texts.definitions.silent.badge}</Badge>}
        </Group>
        <Text size="sm" c="dimmed" lineClamp={2} title={conditions} className={classes.wrap}><bdi>{conditions}</bdi></Text>
      </div>
      <div className={classes.fares}>
        {activity ? <Fares activity={activity} /> : !failed && <Skeleton height={32} width={230} aria-label={texts.loading} />}
      </div>
      <Group gap="xs" wrap="nowrap" className={classes.tools}>
        <LinkButton to="/define" search={{ edit: name }} size="xs" variant="default" aria-label={t.editLabel(name)}>{t.edit}</LinkButton>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" px={8} aria-label={l.moreMenu(name)}><Icon name="more" size={16} /></Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item aria-label={l.historyLabel(name)} onClick={() => onOpen('history')}>{l.history}</Menu.Item>
            <Menu.Item color="red" aria-label={t.delLabel(name)} onClick={() => onOpen('delete')}>{t.del}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </li>
  );
}

function Fares({ activity: { name, daily, count, users, last_seen, used } }: { activity: Activity }) {
  return (
    <>
      <Sparkline values={daily} label={l.spark(name, daily)} />
      <div className={classes.numbers}>
        <Text size="sm" fw={600} className={classes.number}>{l.count(count)}</Text>
        <Text size="xs" c="dimmed">{l.users(users)}</Text>
      </div>
      <div className={classes.numbers}>
        <Text size="xs" c="dimmed">{last_seen === null ? l.never : <>{l.lastSeen}<When time={last_seen} /></>}</Text>
        <Used name={name} used={used} />
      </div>
    </>
  );
}

const places = ({ reports, dashboards, definitions }: Usage) => reports.length + dashboards.length + definitions.length;

function Used({ name, used }: { name: string; used: Usage }) {
  const n = places(used);
  if (n === 0) return <Text size="xs" c="dimmed">{l.unused}</Text>;
  const part = (title: string, names: string[]) => names.length > 0 && (
    <div>
      <Text size="xs" c="dimmed">{title}</Text>
      {names.map((one) => <Text key={one} size="sm" className={classes.wrap}><bdi>{one}</bdi></Text>)}
    </div>
  );
  return (
    <Popover width={260} position="bottom-end" shadow="md" withinPortal trapFocus>
      <Popover.Target>
        <Button size="compact-xs" variant="subtle" aria-label={`${l.used(n)}. ${l.usedLabel(name)}`} className={classes.usedButton ?? ''}>{l.used(n)}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" tabIndex={-1} role="group" aria-label={l.usedIn} mah={320} style={{ overflowY: 'auto' }}>
          {part(l.reports, used.reports)}
          {part(l.dashboards, used.dashboards)}
          {part(l.definitions, used.definitions)}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
