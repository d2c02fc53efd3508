import { Button, Loader, Text, TextInput, Title } from '@mantine/core';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useStream } from '../../api/people';
import { eventKey } from '../../model/feed';
import { shortId } from '../../model/format';
import type { PersonRef } from '../../model/person';
import { stretches, type StreamFilter, type Stretch } from '../../model/stream';
import { clock, dayLabel } from '../../model/time';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { EventFilter } from '../../ui/EventFilter';
import { Icon } from '../../ui/icons';
import { Card } from '../../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States';
import { LiveRow } from '../live/LiveRow';
import live from '../live/live.module.css';
import classes from './user.module.css';

const t = texts.users;
/** A filter looks back by itself until so many events fit, or so many pages were read since somebody asked. */
const ENOUGH = 20;
const PAGES_AT_ONCE = 10;

export function Stream({ who, handle }: { who: PersonRef; handle: string | null }) {
  const project = useProject();
  const stream = useStream(project.id, who);
  const [filter, setFilter] = useState<StreamFilter>({});
  const wanted = useDeferredValue(filter);
  const pages = stream.data?.pages;
  const shown = useMemo(() => stretches(pages ?? [], handle, wanted), [pages, handle, wanted]);
  const found = shown.reduce((sum, stretch) => sum + stretch.events.length, 0);
  const read = (pages ?? []).flatMap((page) => page.sessions).reduce((sum, session) => sum + session.events.length, 0);
  const filtered = wanted.event !== undefined || (wanted.text ?? '') !== '';
  const looking = useLookBack(stream, filtered && found < ENOUGH, JSON.stringify(wanted));
  return (
    <Card padded={false} label={t.stream}>
      <div className={classes.streamHead}>
        <Title order={2} size="h5">{t.stream}</Title>
        <Filter filter={filter} onChange={setFilter} />
      </div>
      {stream.isPending && <LoadingRows rows={8} height={28} />}
      {stream.isError && <div className={classes.pad}><ErrorState error={stream.error} onRetry={() => void stream.refetch()} /></div>}
      {shown.map((stretch) => <Session key={stretch.key} stretch={stretch} />)}
      {pages && read === 0 && <EmptyState title={t.noEvents} />}
      {pages && read > 0 && found === 0 && !looking && <EmptyState title={t.noMatch} />}
      {pages && read > 0 && (
        <div className={classes.more} role="status">
          {looking ? <><Loader size={14} />{t.looking}</> : (
            <>
              <Text size="sm" c="dimmed">{stream.hasNextPage ? filtered && t.searched(read) : t.allLoaded(read)}</Text>
              {stream.hasNextPage && (
                <Button variant="default" size="xs" loading={stream.isFetchingNextPage} onClick={() => void stream.fetchNextPage()} data-testid="stream-more">
                  {filtered ? t.lookFurther : t.more}
                </Button>
              )}
            </>
          )}
        </div>
      )}
    </Card>
  );
}

type Pages = ReturnType<typeof useStream>;

/** Reads on while too little fits, up to a limit for each question. */
function useLookBack(stream: Pages, wanting: boolean, question: string): boolean {
  const [begun, setBegun] = useState({ question, pages: 0 });
  const pages = stream.data?.pages.length ?? 0;
  if (begun.question !== question) setBegun({ question, pages });
  const looking = wanting && stream.hasNextPage && !stream.isError && pages - begun.pages < PAGES_AT_ONCE;
  const { isFetching, fetchNextPage } = stream;
  useEffect(() => {
    if (looking && !isFetching) void fetchNextPage();
  }, [looking, isFetching, fetchNextPage]);
  return looking;
}

function Filter({ filter, onChange }: { filter: StreamFilter; onChange: (filter: StreamFilter) => void }) {
  return (
    <div className={classes.filter}>
      <TextInput
        type="search" size="xs" aria-label={t.filterText} placeholder={t.filterTextPlaceholder} value={filter.text ?? ''}
        leftSection={<Icon name="search" size={14} />} className={classes.filterText} data-testid="stream-text"
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
      />
      <EventFilter
        size="xs" testid="stream-event" value={filter.event}
        onChange={(event) => onChange({ ...(filter.text === undefined ? {} : { text: filter.text }), ...(event === undefined ? {} : { event }) })}
      />
    </div>
  );
}

function Session({ stretch }: { stretch: Stretch }) {
  const { zone } = useProject();
  const times = [...new Set([stretch.first, stretch.last].map((time) => clock(time, zone)))].join(' – ');
  return (
    <section className={classes.session} data-testid="session">
      <header className={classes.sessionHead}>
        <Title order={3} size="sm" fw={600}>{dayLabel(stretch.first, zone)}, {times}</Title>
        <Text size="xs" c="dimmed" component="span" className={classes.wrap}>
          {[stretch.inSession ? t.sessionEvents(stretch.events.length) : t.noSession, ...stretch.where, t.visitor(shortId(stretch.userId))].join(' · ')}
        </Text>
      </header>
      <ul className={live.list}>
        {stretch.events.map((event) => <LiveRow key={eventKey(event)} event={event} of="person" />)}
      </ul>
    </section>
  );
}
