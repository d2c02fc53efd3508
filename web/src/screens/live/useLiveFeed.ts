import { useEffect, useReducer } from 'react';
import { openLive, type LiveState } from '../../api/live';
import { signedOut } from '../../api/session';
import type { CairnEvent } from '../../api/types';
import { eventKey, merge } from '../../model/feed';

interface Feed {
  events: CairnEvent[];
  /** What came while paused; shown on resume. */
  held: CairnEvent[];
  paused: boolean;
  connection: LiveState;
  ready: boolean;
  skipped: number;
}

type Action =
  | { kind: 'events'; events: CairnEvent[] }
  | { kind: 'connection'; connection: LiveState }
  | { kind: 'skipped'; count: number }
  | { kind: 'ready' }
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'reset' };

const EMPTY: Feed = { events: [], held: [], paused: false, connection: 'connecting', ready: false, skipped: 0 };

function reduce(feed: Feed, action: Action): Feed {
  switch (action.kind) {
    case 'events': {
      if (!feed.paused) return { ...feed, events: merge(feed.events, action.events) };
      // What is on the page already, as after a reconnection, is not new.
      const shown = new Set(feed.events.map(eventKey));
      return { ...feed, held: merge(feed.held, action.events.filter((e) => !shown.has(eventKey(e)))) };
    }
    case 'connection':
      return { ...feed, connection: action.connection };
    case 'skipped':
      return { ...feed, skipped: feed.skipped + action.count };
    case 'ready':
      return { ...feed, ready: true };
    case 'pause':
      return { ...feed, paused: true };
    case 'resume':
      return { ...feed, paused: false, events: merge(feed.events, feed.held), held: [] };
    case 'reset':
      return EMPTY;
  }
}

export function useLiveFeed(project: string) {
  const [feed, dispatch] = useReducer(reduce, EMPTY);
  useEffect(() => {
    dispatch({ kind: 'reset' });
    return openLive(project, {
      onEvents: (events) => dispatch({ kind: 'events', events }),
      onState: (connection) => dispatch({ kind: 'connection', connection }),
      onSkipped: (count) => dispatch({ kind: 'skipped', count }),
      onReady: () => dispatch({ kind: 'ready' }),
      onSignedOut: signedOut,
    });
  }, [project]);
  return { feed, dispatch };
}
