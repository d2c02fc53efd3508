/** One person's events, read page by page, as sessions for people. */
import type { CairnEvent, PropertyValue } from '../api/types';
import { matches } from './feed';

export interface StreamEvent extends Omit<CairnEvent, 'person' | 'definitions'> {
  names: string[];
}

export interface StreamSession {
  user_id: string;
  session_id: PropertyValue;
  events: StreamEvent[];
}

export interface StreamPage {
  sessions: StreamSession[];
  next: string | null;
}

/** A stretch of one session, newest first. */
export interface Stretch {
  key: string;
  userId: string;
  /** Without a session every event stands alone. */
  inSession: boolean;
  first: number;
  last: number;
  events: CairnEvent[];
  /** What the session's events agree on: browser, system, country. */
  where: string[];
}

/** What to show of the stream: all, one type of event, or one definition. */
export interface StreamFilter {
  /** `type:click`, `event:Add to cart`, or nothing. */
  event?: string;
  text?: string;
}

/** Pages put together: a session that a page cut goes on. */
export function stretches(pages: StreamPage[], handle: string | null, filter: StreamFilter): Stretch[] {
  const all: Stretch[] = [];
  for (const session of pages.flatMap((page) => page.sessions)) {
    const events = session.events.map(({ names, ...event }) => ({ ...event, person: handle, definitions: names }));
    const inSession = session.session_id !== null;
    const last = all.at(-1);
    const goesOn = last !== undefined && inSession && last.key.startsWith(`${session.user_id}/${String(session.session_id)}/`);
    if (goesOn) last.events.push(...events);
    else all.push({
      key: `${session.user_id}/${String(session.session_id)}/${events[0]?.event_id ?? ''}`,
      userId: session.user_id, inSession, first: 0, last: 0, events, where: [],
    });
  }
  return all
    .map((stretch) => {
      const times = stretch.events.map((event) => event.time);
      return {
        ...stretch, first: Math.min(...times), last: Math.max(...times), where: agreed(stretch.events),
        events: stretch.events.filter((event) => passes(event, filter)),
      };
    })
    .filter((stretch) => stretch.events.length > 0);
}

export function passes(event: CairnEvent, { event: wanted, text }: StreamFilter): boolean {
  if (text !== undefined && text !== '' && !matches(event, text)) return false;
  if (wanted === undefined) return true;
  const name = wanted.slice(wanted.indexOf(':') + 1);
  return wanted.startsWith('event:') ? event.definitions.includes(name) : event.type === name;
}

const AGREED = ['browser', 'os', 'device', 'city', 'country'];

function agreed(events: CairnEvent[]): string[] {
  return AGREED.flatMap((name) => {
    const values = new Set(events.map((event) => event.properties[name]).filter((value) => typeof value === 'string' && value !== ''));
    return values.size === 1 ? [[...values][0] as string] : [];
  });
}
