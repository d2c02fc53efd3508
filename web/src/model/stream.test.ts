import { expect, test } from 'vitest';
import { stretches, type StreamEvent, type StreamPage } from './stream';

const event = (id: string, time: number, more: Partial<StreamEvent> = {}): StreamEvent => ({
  user_id: '1', event_id: id, time, received_at: time, type: 'click', properties: { browser: 'Firefox', os: 'Linux' }, names: [], ...more,
});
const page = (next: string | null, ...sessions: [string | null, StreamEvent[]][]): StreamPage => ({
  next, sessions: sessions.map(([session_id, events]) => ({ user_id: '1', session_id, events })),
});

test('a session that a page cut is one', () => {
  const pages = [page('c', ['s', [event('4', 40), event('3', 30)]]), page(null, ['s', [event('2', 20)]], ['r', [event('1', 10)]])];
  const all = stretches(pages, 'jane', {});
  expect(all.map((s) => [s.first, s.last, s.events.map((e) => e.event_id)])).toEqual([[20, 40, ['4', '3', '2']], [10, 10, ['1']]]);
  expect(all[0]?.events[0]?.person).toBe('jane');
  expect(all[0]?.where).toEqual(['Firefox', 'Linux']);
});

test('events of no session stand alone, and no key is met twice', () => {
  const all = stretches([page(null, [null, [event('2', 2)]], [null, [event('1', 1)]])], null, {});
  expect(all.map((s) => s.inSession)).toEqual([false, false]);
  expect(new Set(all.map((s) => s.key)).size).toBe(2);
});

test('a filter leaves out events, and sessions of which nothing is left; their times stay whole', () => {
  const pages = [page(null, ['s', [event('3', 30, { names: ['Buy'] }), event('2', 20, { type: 'pageview', properties: { path: '/cart' } })]], ['r', [event('1', 10)]])];
  const ids = (filter: object) => stretches(pages, null, filter).map((s) => [s.first, s.last, ...s.events.map((e) => e.event_id)]);
  expect(ids({ event: 'event:Buy' })).toEqual([[20, 30, '3']]);
  expect(ids({ event: 'type:click' })).toEqual([[20, 30, '3'], [10, 10, '1']]);
  expect(ids({ text: 'cart' })).toEqual([[20, 30, '2']]);
  expect(ids({ event: 'event:Nothing' })).toEqual([]);
});
