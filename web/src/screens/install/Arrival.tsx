import { List, Loader, Text } from '@mantine/core';
import { useRef } from 'react';
import { useFirstEvent } from '../../api/people';
import type { CairnEvent } from '../../api/types';
import { exactTime } from '../../model/time';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkAnchor } from '../../ui/links';
import { When } from '../../ui/When';
import { useLiveFeed } from '../live/useLiveFeed';
import classes from './install.module.css';

const t = texts.install;

/** Listens, and says so as soon as the first event is there. */
export function Arrival() {
  const project = useProject();
  const { feed } = useLiveFeed(project.id);
  // Nobody was here when the page was opened: whoever comes first is the first.
  const waited = useRef(false);
  if (feed.ready && feed.events.length === 0) waited.current = true;
  const latest = feed.events[0];
  return (
    <div role="status" className={classes.arrival} data-testid="arrival" data-state={latest ? 'arrived' : feed.ready ? 'listening' : 'opening'}>
      {latest ? <Arrived latest={latest} oldest={feed.events.at(-1) ?? latest} waited={waited.current} /> : feed.ready || feed.connection === 'reconnecting' ? (
        <>
          <p className={classes.line}>
            <Loader size={16} aria-hidden="true" />
            <strong>{feed.connection === 'reconnecting' ? t.lost : t.listening}</strong>
            {feed.connection !== 'reconnecting' && <Text span size="sm" c="dimmed">{t.listeningText}</Text>}
          </p>
          <details className={classes.help}>
            <summary>{t.nothing}</summary>
            <List size="sm" spacing={4} mt="xs">{t.nothingList.map((item) => <List.Item key={item}>{item}</List.Item>)}</List>
          </details>
        </>
      ) : null}
    </div>
  );
}

function Arrived({ latest, oldest, waited }: { latest: CairnEvent; oldest: CairnEvent; waited: boolean }) {
  const project = useProject();
  const first = useFirstEvent(project.id, !waited).data;
  return (
    <p className={classes.line}>
      <Text span c="pine" lh={0}><Icon name="check" /></Text>
      <span>
        {waited && <strong>{t.arrived + exactTime(oldest.received_at, project.zone)}. </strong>}
        {!waited && first !== undefined && first !== null && <strong>{t.first + exactTime(first, project.zone)}. </strong>}
        {t.latest}<When time={latest.received_at} />. <LinkAnchor to="/live">{t.watch}</LinkAnchor>
      </span>
    </p>
  );
}
