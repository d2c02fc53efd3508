import { describe, expect, it } from 'vitest';
import type { Segment } from '../api/types';
import { readEvent } from './report';
import { readSegment, segmentText } from './segment';
import { newSegmentRow, refOf, toGroup, toSegment } from './segmentRows';

const ALL: Segment[] = [
  { user: 'plan', is: 'pro' },
  { did: 'Buy', in: '30d' },
  { did: 'Buy', more_than: 4, in: '7d' },
  { did: { type: 'click' }, fewer_than: 2 },
  { did_first: 'Buy', from: '2026-01-01', to: '2026-02-01' },
  { did: 'Look', then: 'Buy', within: '2h', from: '2026-01-01' },
  { list: 'beta testers' },
  { not: { did: 'Buy' } },
  { all: [{ did: 'Sign In', more_than: 4, in: '7d' }, { any: [{ did: 'Ask', in: '7d' }, { did: 'Accept', in: '7d' }] }] },
  { users: [{ handle: 'jane@example.com' }] },
];

describe('segments', () => {
  it.each(ALL.map((segment) => [segmentText(segment), segment] as const))('go through the form unchanged: %s', (_, segment) => {
    const group = toGroup(segment);
    expect(group && toSegment(group)).toEqual(segment);
  });

  it('have words', () => {
    expect(ALL.map(segmentText)).toEqual([
      'plan is “pro”', 'did Buy in the last 30d', 'did Buy more than 4 times in the last 7d', 'did Click fewer than 2 times',
      'did Buy for the first time from 2026-01-01 to before 2026-02-01', 'did Look and then Buy within 2h since 2026-01-01', 'on the list “beta testers”',
      'not (did Buy)', 'did Sign In more than 4 times in the last 7d and (did Ask in the last 7d or did Accept in the last 7d)', 'one of 1 person',
    ]);
  });

  it('are read from JSON only if they look like one', () => {
    expect(readSegment('{"list":"x"}')).toEqual({ list: 'x' });
    for (const bad of ['', '{', '[]', '{}', '{"all":[1]}', '{"did":1}', '{"user":"plan"}', 'null']) expect(readSegment(bad)).toBeNull();
  });

  it('say when any event will do', () => {
    expect(segmentText({ did: { all: [] }, in: '30d' })).toBe('did anything in the last 30d');
  });

  it('leave out conditions that are not complete', () => {
    expect(toSegment({ mode: 'all', rows: [newSegmentRow('user'), newSegmentRow('list')] })).toBeNull();
    expect(toSegment({ mode: 'all', rows: [newSegmentRow('user'), newSegmentRow('did')] })).toEqual({ did: { all: [] }, in: '30d' });
  });
});

describe('texts of events', () => {
  it.each(['Add to cart', '404', 'event:type:x', 'event:*', '*', 'type:click', '{"property":"path","is":"/"}'])('%s is read and written', (ref) => {
    expect(refOf(readEvent(ref))).toBe(ref);
  });
});
