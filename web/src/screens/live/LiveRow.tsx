import { Link } from '@tanstack/react-router';
import { memo, useId, useState } from 'react';
import type { CairnEvent } from '../../api/types';
import { pageOf, personOf, whatOf } from '../../model/format';
import { clockExact, exactTime } from '../../model/time';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { userLink } from '../../ui/links';
import { TypeIcon } from '../../ui/TypeIcon';
import { When } from '../../ui/When';
import { EventDetails } from './EventDetails';
import classes from './live.module.css';

interface LiveRowProps {
  event: CairnEvent;
  /** Among one person's events, who it was goes without saying, and when is a time of day. */
  of?: 'everybody' | 'person';
}

/** One event in one line; the whole line opens it, but for the link to who did it. */
export const LiveRow = memo(function LiveRow({ event, of = 'everybody' }: LiveRowProps) {
  const [open, setOpen] = useState(false);
  const details = useId();
  const page = pageOf(event);
  const what = whatOf(event);
  return (
    <li className={classes.item} data-testid="live-row" data-type={event.type}>
      <div className={classes.row} data-of={of}>
        <TypeIcon type={event.type} />
        <span className={classes.what} title={what}>
          <button
            type="button" className={classes.open} aria-expanded={open} aria-controls={open ? details : undefined} onClick={() => setOpen(!open)}
          >
            <bdi>{what}</bdi>
          </button>
          {event.definitions.map((name) => <bdi key={name} className={classes.tag}>{name}</bdi>)}
          {event.properties['bot'] === true && <span className={classes.bot} title={texts.live.botText}>{texts.live.bot}</span>}
        </span>
        <span className={classes.meta}>
          <span className={classes.page} title={page}><bdi>{page}</bdi></span>
          {of === 'everybody' && (
            <span className={classes.who}>
              <Link {...userLink({ handle: event.person, user_ids: [event.user_id] })} className={classes.whoLink} title={event.person ?? event.user_id}>
                <bdi>{personOf(event)}</bdi>
              </Link>
            </span>
          )}
        </span>
        <span className={classes.when}>{of === 'everybody' ? <When time={event.time} /> : <Clock time={event.time} />}</span>
        <span className={classes.arrow} data-open={open || undefined}><Icon name="chevron" size={16} /></span>
      </div>
      {open && <div id={details} className={classes.details}><EventDetails event={event} of={of} /></div>}
    </li>
  );
});

function Clock({ time }: { time: number }) {
  const { zone } = useProject();
  return <time dateTime={new Date(time).toISOString()} title={exactTime(time, zone)}>{clockExact(time, zone)}</time>;
}
