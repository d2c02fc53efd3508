import { memo, useId, useState } from 'react';
import type { CairnEvent } from '../../api/types';
import { pageOf, personOf, whatOf } from '../../model/format';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { TypeIcon } from '../../ui/TypeIcon';
import { When } from '../../ui/When';
import { EventDetails } from './EventDetails';
import classes from './live.module.css';

/** One event in one line; the whole line opens it. */
export const LiveRow = memo(function LiveRow({ event }: { event: CairnEvent }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  const page = pageOf(event);
  const what = whatOf(event);
  return (
    <li className={classes.item} data-testid="live-row" data-type={event.type}>
      <button
        type="button" className={classes.row} aria-expanded={open} aria-controls={open ? details : undefined}
        onClick={() => setOpen(!open)}
      >
        <TypeIcon type={event.type} />
        <span className={classes.what} title={what}>
          <bdi>{what}</bdi>
          {event.definitions.map((name) => <span key={name} className={classes.tag}>{name}</span>)}
        </span>
        <span className={classes.meta}>
          <span className={classes.page} title={page}><bdi>{page}</bdi></span>
          <span className={classes.who} title={event.person ?? event.user_id}><bdi>{personOf(event)}</bdi></span>
        </span>
        <span className={classes.when}><When time={event.time} /></span>
        <span className={classes.arrow} data-open={open || undefined} title={texts.live.expand}><Icon name="chevron" size={16} /></span>
      </button>
      {open && <div id={details} className={classes.details}><EventDetails event={event} /></div>}
    </li>
  );
});
