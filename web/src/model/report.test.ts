import { describe, expect, it } from 'vitest';
import { customText, eventLabel, groupKeyLabel, groupsLabel, nameText, rangeOf, readEvent, readGroup, readNarrow, readRange, scope, segmentKey, toGroupKey, typeText } from './report';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const UTC = { zone: 'UTC', now: NOON };

describe('events in an address', () => {
  it('are names, types, predicates, or any', () => {
    expect(readEvent('Add to cart')).toBe('Add to cart');
    expect(readEvent('type:click')).toEqual({ type: 'click' });
    expect(readEvent('*')).toEqual({ all: [] });
    expect(readEvent('{"property":"path","is":"/"}')).toEqual({ property: 'path', is: '/' });
    expect(readEvent('{no json')).toBe('{no json');
  });

  it('keep every name a name', () => {
    for (const name of ['Add to cart', '404', '*', 'type:click', 'event:x', '{}', '**', 'a\nb']) expect(readEvent(nameText(name))).toBe(name);
    expect(nameText('Add to cart')).toBe('Add to cart');
  });

  it('have a label', () => {
    expect([nameText('*'), typeText('click'), '*', customText('Order "1"')].map(eventLabel)).toEqual(['*', 'Click', 'Any event', 'Order "1"']);
    expect(eventLabel('{"property":"path","is":"/"}')).toBe('Events that match a condition');
    expect(readEvent(customText('Order "1"'))).toEqual({ name: 'Order "1"' });
  });
});

describe('ranges', () => {
  it('prefer dates over days, when they are dates in order', () => {
    expect(readRange({ from: '2026-01-01', to: '2026-01-31', days: '7' })).toEqual({ from: '2026-01-01', to: '2026-01-31' });
    expect(readRange({ from: '2026-02-30', to: '2026-03-31' })).toEqual({ days: 14 });
    expect(readRange({ from: '2026-03-01', to: '2026-02-01', days: '7' })).toEqual({ days: 7 });
    expect(readRange({ days: 30 })).toEqual({ days: 30 });
    expect(readRange({ days: '-3' }, 90)).toEqual({ days: 90 });
  });

  it('include today, in the zone of the project', () => {
    expect(rangeOf({ days: 7 }, UTC)).toEqual({ from: '2026-03-04', to: '2026-03-10' });
    expect(rangeOf({ days: 7 }, { zone: 'Pacific/Kiritimati', now: NOON })).toEqual({ from: '2026-03-05', to: '2026-03-11' });
  });

  it('are half-open in the query, and give way to a range of a dashboard', () => {
    expect(scope({ from: '2026-03-01', to: '2026-03-31' }, UTC)).toEqual({ from: '2026-03-01', to: '2026-04-01' });
    expect(scope({ from: '2026-03-01', to: '2026-03-31' }, UTC, { days: 1 })).toEqual({ from: '2026-03-10', to: '2026-03-11' });
  });
});

it('narrows by events and by people', () => {
  const search = readNarrow({ where: '{"property":"path","is":"/"}', who: '{"user":"plan","is":"pro"}' });
  expect(scope({ days: 1, ...search }, UTC)).toMatchObject({ where: { property: 'path', is: '/' }, segment: { user: 'plan', is: 'pro' } });
  expect(readNarrow({ where: '{', who: '[]' })).toEqual({});
  expect(readNarrow({ who: '{"no":"segment"}' })).toEqual({});
});

it('group keys may have colons in their names', () => {
  expect(toGroupKey('event:a:b')).toEqual({ event: 'a:b' });
  expect(toGroupKey('browser')).toBeNull();
});

describe('a segment to group by', () => {
  const key = segmentKey('Buyers', { did: 'Buy', in: '30d' });

  it('is a key with a name of its own', () => {
    expect(toGroupKey(key)).toEqual({ segment: { did: 'Buy', in: '30d' }, name: 'Buyers' });
    expect(readGroup([key, 'segment:{}', 'segment:x', 'event:os'])).toEqual([key, 'event:os']);
    expect(groupKeyLabel(key)).toBe('Buyers');
  });

  it('has those who are in it, and those who are not', () => {
    expect(groupsLabel([true, 'Chrome'], [key, 'event:browser'])).toBe('Buyers · Chrome');
    expect(groupsLabel([false], [key])).toBe('not Buyers');
    expect(groupsLabel([false], ['user:member'])).toBe('false');
  });
});
