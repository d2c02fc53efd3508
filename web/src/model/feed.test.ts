import { describe, expect, it } from 'vitest';
import type { CairnEvent } from '../api/types';
import { matches, merge } from './feed';
import { duration, number, personOf, safeHref, shortNumber, valueText, whatOf } from './format';

const event = (id: number, rest: Partial<CairnEvent> = {}): CairnEvent => ({
  user_id: '4611686018427387905', person: null, event_id: String(id), time: id, received_at: id, type: 'click', properties: {}, definitions: [], ...rest,
});
const ids = (events: CairnEvent[]) => events.map((e) => Number(e.event_id));

describe('merge', () => {
  it('puts the newest first, whatever order they come in', () => {
    expect(ids(merge([event(2), event(1)], [event(3), event(5), event(4)]))).toEqual([5, 4, 3, 2, 1]);
    expect(ids(merge([event(9)], [event(3), event(12)]))).toEqual([12, 9, 3]);
  });

  it('shows an event once', () => {
    const feed = [event(2), event(1)];
    expect(merge(feed, [event(1), event(2)])).toBe(feed);
    expect(ids(merge([], [event(1), event(1)]))).toEqual([1]);
  });

  it('drops the oldest beyond the limit', () => {
    expect(ids(merge([event(2), event(1)], [event(3)], 2))).toEqual([3, 2]);
  });
});

describe('matches', () => {
  const click = event(1, { person: 'jane@example.com', properties: { path: '/cart', target_text: 'Buy', items: 3 }, definitions: ['Add to cart'] });
  it.each(['', 'BUY', 'jane cart', 'items=3', 'add to', 'click /cart', '7905'])('%s', (filter) => {
    expect(matches(click, filter)).toBe(true);
  });
  it.each(['sell', 'buy sell', 'items=4'])('not %s', (filter) => {
    expect(matches(click, filter)).toBe(false);
  });
});

describe('an event in words', () => {
  it.each<[Partial<CairnEvent>, string]>([
    [{ properties: { target_text: ' Buy ', target_tag: 'button' } }, 'Buy'],
    [{ properties: { target_tag: 'button', target_id: 'x' } }, '<button#x>'],
    [{ properties: {} }, 'An element'],
    [{ type: 'pageview', properties: { title: '', path: '/a' } }, '/a'],
    [{ type: 'custom', name: 'Order Placed' }, 'Order Placed'],
    [{ type: 'custom', properties: { name: 'from the properties' } }, 'from the properties'],
  ])('%j', (rest, what) => {
    expect(whatOf(event(1, rest))).toBe(what);
  });

  it('shortens the ids of people without a name', () => {
    expect(personOf(event(1))).toBe('visitor …387905');
    expect(personOf(event(1, { person: 'jane' }))).toBe('jane');
  });
});

describe('values', () => {
  it('links to the web only', () => {
    expect(safeHref('https://a.example/?q=1')).toBe('https://a.example/?q=1');
    for (const href of ['javascript:alert(1)', ' https://x', 'data:text/html,x', '//a.example', '/a', 'https://', 5, null]) {
      expect(safeHref(href)).toBeNull();
    }
  });

  it('are written plainly', () => {
    expect([number(1234567), shortNumber(9999), shortNumber(12_345)]).toEqual(['1,234,567', '9,999', '12.3K']);
    expect([duration(3.14), duration(250.4), duration(2500)]).toEqual(['3.1 ms', '250 ms', '2.5 s']);
    expect(valueText(['a', 1, null])).toBe('a, 1, null');
  });
});
