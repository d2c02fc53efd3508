import { Group } from '@mantine/core';
import type { CairnEvent, PropertyValue } from '../../api/types';
import { safeHref, valueText } from '../../model/format';
import { predicateLike } from '../../model/predicate';
import { exactTime } from '../../model/time';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkButton, userLink } from '../../ui/links';
import classes from './live.module.css';

export function EventDetails({ event, of }: { event: CairnEvent; of: 'everybody' | 'person' }) {
  const { zone } = useProject();
  const facts: [string, PropertyValue][] = [
    [texts.live.happened, exactTime(event.time, zone)],
    [texts.live.received, exactTime(event.received_at, zone)],
    [texts.live.user, event.user_id],
    [texts.live.eventId, event.event_id],
  ];
  if (event.name) facts.unshift([texts.live.name, event.name]);
  if (event.person !== null) facts.push([texts.live.person, event.person]);
  if (event.definitions.length > 0) facts.push([texts.live.definedAs, event.definitions]);
  const properties = Object.entries(event.properties).sort(([a], [b]) => a.localeCompare(b));

  return (
    <>
      <Group gap="xs">
        <LinkButton to="/define" search={{ predicate: JSON.stringify(predicateLike(event)) }} size="xs" leftSection={<Icon name="define" size={15} />}>
          {texts.live.defineFrom}
        </LinkButton>
        {of === 'everybody' && (
          <LinkButton
            {...userLink({ handle: event.person, user_ids: [event.user_id] })} size="xs" variant="default" leftSection={<Icon name="session" size={15} />}
          >
            {texts.live.openUser}
          </LinkButton>
        )}
      </Group>
      <Facts entries={facts} />
      {properties.length > 0 && (
        <>
          <h3 className={classes.heading}>{texts.live.properties}</h3>
          <Facts entries={properties} mono />
        </>
      )}
    </>
  );
}

function Facts({ entries, mono = false }: { entries: [string, PropertyValue][]; mono?: boolean }) {
  return (
    <dl className={classes.facts} data-mono={mono || undefined}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd><Value value={value} /></dd>
        </div>
      ))}
    </dl>
  );
}

/** Captured values are text; only web addresses become links, and those tell the target nothing. */
function Value({ value }: { value: PropertyValue }) {
  const href = safeHref(value);
  if (href === null) return <bdi>{valueText(value)}</bdi>;
  return <a href={href} target="_blank" rel="noopener noreferrer nofollow">{valueText(value)}</a>;
}
