/** The live feed's list: newest received first, each event once, never longer than its limit. */
import type { CairnEvent } from '../api/types';
import { pageOf, personOf, valueText, whatOf } from './format';

export const FEED_LIMIT = 500;

export const eventKey = (event: CairnEvent) => `${event.user_id}/${event.event_id}`;

/** `incoming` in any order; events already there are dropped. */
export function merge(feed: CairnEvent[], incoming: CairnEvent[], limit = FEED_LIMIT): CairnEvent[] {
  const known = new Set(feed.map(eventKey));
  const fresh = incoming.filter((event) => {
    const key = eventKey(event);
    return !known.has(key) && known.add(key);
  });
  if (fresh.length === 0) return feed;
  fresh.sort((a, b) => b.received_at - a.received_at || b.time - a.time);
  const all = [...fresh, ...feed];
  const latest = feed[0]?.received_at ?? 0;
  if (fresh.some((event) => event.received_at < latest)) all.sort((a, b) => b.received_at - a.received_at);
  return all.slice(0, limit);
}

/** Every word must be somewhere: in what the row shows, in a definition's name or in a property. */
export function matches(event: CairnEvent, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const properties = Object.entries(event.properties).map(([name, value]) => `${name}=${valueText(value)}`);
  const all = [event.type, whatOf(event), pageOf(event), personOf(event), event.user_id, ...event.definitions, ...properties];
  const text = all.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}
