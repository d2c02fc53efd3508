import { Alert, Button, Text, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { eventKey } from '../../model/feed';
import { snippet } from '../../model/snippet';
import { passes, type StreamFilter } from '../../model/stream';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { CodeBlock } from '../../ui/CodeBlock';
import { EventFilter } from '../../ui/EventFilter';
import { Icon } from '../../ui/icons';
import { Card, Page } from '../../ui/Page';
import { EmptyState, LoadingRows } from '../../ui/States';
import classes from './live.module.css';
import { LiveRow } from './LiveRow';
import { useLiveFeed } from './useLiveFeed';

export function LivePage() {
  const project = useProject();
  const { feed, dispatch } = useLiveFeed(project.id);
  const [filter, setFilter] = useState<StreamFilter>({});
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => feed.events.filter((event) => passes(event, wanted)), [feed.events, wanted]);
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  const status = feed.paused && feed.connection === 'open' ? 'paused' : feed.connection;

  return (
    <Page
      title={texts.live.title} lead={texts.live.lead}
      actions={
        <div className={classes.status} data-status={status} role="status">
          <span className={classes.dot} />
          {texts.live.state[status]}
        </div>
      }
    >
      <div className={classes.bar}>
        <TextInput
          ref={field} className={classes.filter} type="search" aria-label={texts.live.filter} placeholder={texts.live.filterPlaceholder} aria-keyshortcuts="/"
          leftSection={<Icon name="search" size={16} />} value={filter.text ?? ''} onChange={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
        />
        <EventFilter
          testid="live-event" value={filter.event}
          onChange={(event) => setFilter({ ...(filter.text === undefined ? {} : { text: filter.text }), ...(event === undefined ? {} : { event }) })}
        />
        <Button
          variant={feed.paused ? 'filled' : 'default'} leftSection={<Icon name={feed.paused ? 'play' : 'pause'} size={15} />}
          onClick={() => dispatch({ kind: feed.paused ? 'resume' : 'pause' })}
        >
          {!feed.paused ? texts.live.pause : feed.held.length > 0 ? texts.live.resumeWith(feed.held.length) : texts.live.resume}
        </Button>
      </div>
      {feed.skipped > 0 && <Alert color="yellow" variant="light" icon={<Icon name="warning" />}>{texts.live.skipped(feed.skipped)}</Alert>}
      <Card padded={false}>
        {feed.events.length > 0 ? (
          <>
            <Text size="sm" c="dimmed" className={classes.count}>{texts.live.showing(shown.length, feed.events.length)}</Text>
            {shown.length === 0 ? (
              <EmptyState title={texts.live.noMatch}>
                <Button variant="default" onClick={() => setFilter({})}>{texts.live.clearFilter}</Button>
              </EmptyState>
            ) : (
              <ul className={classes.list} aria-label={texts.live.listLabel}>
                {shown.map((event) => <LiveRow key={eventKey(event)} event={event} />)}
              </ul>
            )}
          </>
        ) : feed.ready ? (
          <EmptyState title={texts.live.emptyTitle} text={texts.live.emptyText}>
            <div className={classes.snippet}>
              <CodeBlock label={texts.install.snippet} code={snippet(window.location.origin, project.write_key, project.masks)} />
            </div>
          </EmptyState>
        ) : (
          <LoadingRows rows={8} height={28} />
        )}
      </Card>
    </Page>
  );
}
