import { Alert, Autocomplete, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useValues } from '../../api/queries';
import { openVisualizer, useEndVisualizers, useVisualizers, type Visualizer } from '../../api/visualizer';
import { exactTime } from '../../model/time';
import { addressWith, keepAddress, lastAddress, openSites, proposals, readAddress } from '../../model/visualizer';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { ErrorState } from '../../ui/States';
import classes from './visualizer.module.css';

const t = texts.visualizer;
/** Most pages have loaded by then. */
const LATE_MS = 12_000;

export function OpenSite({ project }: { project: string }) {
  const domains = useValues(project, 'domain');
  const referrers = useValues(project, 'referrer');
  const known = proposals(lastAddress(project), domains.data ?? [], referrers.data ?? []);
  const [written, setWritten] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [opening, setOpening] = useState(false);
  const [asked, setAsked] = useState<Visualizer | null>(null);
  const address = written ?? known[0] ?? '';

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const url = readAddress(address);
    setWrong(url === null);
    if (url === null) return;
    setError(null);
    // At once, while this is still the click's doing: browsers block what opens later.
    const tab = window.open('', '_blank');
    if (tab === null) return setError(new Error(t.blocked));
    setOpening(true);
    try {
      const made = await openVisualizer(project, url.origin);
      keepAddress(project, url.href);
      setAsked(made);
      tab.opener = null;
      tab.location.replace(addressWith(url, made.ticket));
    } catch (failure) {
      tab.close();
      setError(failure as Error);
    }
    setOpening(false);
  };

  return (
    <Stack gap="md">
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <Autocomplete
          label={t.address} description={t.addressHelp} placeholder={t.addressPlaceholder} value={address} data={known} error={wrong && t.addressWrong}
          inputWrapperOrder={['label', 'input', 'description', 'error']} spellCheck={false} type="url" onChange={setWritten} data-testid="site-address"
        />
        <Button type="submit" loading={opening} leftSection={<Icon name="visualizer" size={16} />} data-testid="open-site">{t.submit}</Button>
      </form>
      {error !== null && <ErrorState error={error} />}
      {asked !== null && <Progress key={asked.id} project={project} asked={asked} />}
      <Open project={project} asked={asked?.id ?? null} />
    </Stack>
  );
}

/** Until what was opened has arrived. */
function Progress({ project, asked }: { project: string; asked: Visualizer }) {
  const { data } = useVisualizers(project);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, []);
  // Gone from the list, it was ended, or nothing has taken it in time.
  const found = data?.find((visualizer) => visualizer.id === asked.id);
  if (found?.open || (late && data !== undefined && found === undefined)) return null;
  if (late) {
    return (
      <Alert color="yellow" variant="light" role="status" icon={<Icon name="warning" />} title={<Text span inherit c="var(--mantine-color-text)">{t.late(asked.origin)}</Text>} data-testid="visualizer-late">
        {t.lateText}
      </Alert>
    );
  }
  return <Text role="status" className={classes.state}><Loader size={16} />{t.opened(asked.origin)}</Text>;
}

/** All that are open, and an end to them. */
function Open({ project, asked }: { project: string; asked: string | null }) {
  const { zone } = useProject();
  const { data } = useVisualizers(project);
  const end = useEndVisualizers(project);
  const open = openSites(data ?? [], asked);
  if (open.length === 0) return null;
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <Stack gap={2} role="status">
        {open.map(({ id, origin, expires_at }) => (
          <Text key={origin} className={classes.state} data-testid={id === asked ? 'visualizer-open' : undefined}>
            <Text span c="pine" lh={0}><Icon name="check" /></Text>
            <span>{id === asked ? t.ready(origin) : t.usable(origin)} <Text span c="dimmed" size="sm">{t.until(exactTime(expires_at, zone))}</Text></span>
          </Text>
        ))}
      </Stack>
      <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate()} style={{ flex: 'none' }}>{t.end}</Button>
    </Group>
  );
}
