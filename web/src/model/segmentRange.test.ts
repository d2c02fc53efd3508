import { describe, expect, it } from 'vitest';
import type { Segment } from '../api/types';
import { overDates } from './segmentRange';
import { segmentsTitle, segmentsWithin } from './segments';

const DATES = { from: '2026-11-21', to: '2026-11-28' };
const AT = { zone: 'UTC', now: Date.parse('2026-11-27T12:00:00Z') };

describe('a segment over the dates of a dashboard', () => {
  it('follows where all that users did is of one period, wherever it stands', () => {
    const segment: Segment = { all: [{ did: 'Look', more_than: 4, in: '30d' }, { not: { any: [{ did: 'Buy', in: '30d' }, { did_first: 'Ask', in: '30d' }] } }, { user: 'plan', is: 'pro' }] };
    expect(overDates(segment, DATES)).toEqual({
      all: [{ did: 'Look', more_than: 4, ...DATES }, { not: { any: [{ did: 'Buy', ...DATES }, { did_first: 'Ask', ...DATES }] } }, { user: 'plan', is: 'pro' }],
    });
    expect(overDates({ did: 'Look', then: 'Buy', within: '2h', from: '2026-01-01' }, DATES)).toEqual({ did: 'Look', then: 'Buy', within: '2h', ...DATES });
  });

  it.each<Segment>([
    { did: 'Buy' }, { user: 'plan', is: 'pro' }, { list: 'beta testers' },
    { all: [{ did: 'Buy', in: '30d' }, { not: { did: 'Buy', in: '7d' } }] }, { all: [{ did: 'Buy', in: '30d' }, { did: 'Look' }] },
  ])('keeps its own where that would change what it says: %j', (segment) => {
    expect(overDates(segment, DATES)).toBeNull();
  });

  it('is asked, and said in words, with the days that other tiles have', () => {
    const search = { who: JSON.stringify({ did: 'Buy', in: '30d' }) };
    const within = segmentsWithin(search, AT, { days: 7 });
    expect(within).toEqual({ who: JSON.stringify({ did: 'Buy', ...DATES }) });
    expect(within && segmentsTitle(within)).toBe('Users: did Buy from 2026-11-21 to before 2026-11-28.');
    expect(segmentsWithin({}, AT, { days: 7 })).toBeNull();
  });
});
