import { expect, it } from 'vitest';
import { activityQuery, activityTable, activityTitle, intervalsOf, isEmpty, readActivitySearch } from './activity';

const UTC = { zone: 'UTC', now: Date.parse('2026-03-10T12:00:00Z') };
const given = { as_of: 0, explain: { sentence: '', rows: 0, total_ms: 0 } };

it('asks by the view, which says which intervals there are', () => {
  expect(activityQuery(readActivitySearch({ event: 'Buy', days: '7' }), UTC)).toEqual({ stickiness: { event: 'Buy', interval: 'week', from: '2026-03-04', to: '2026-03-11' } });
  expect(intervalsOf('stickiness')).toEqual(['week', 'month']);
  expect(readActivitySearch({ interval: 'day' }).interval).toBe('week');
  expect(activityQuery(readActivitySearch({ view: 'lifecycle', interval: 'day' }), UTC)).toMatchObject({ lifecycle: { interval: 'day', event: { type: 'pageview' } } });
  expect(activityTitle(readActivitySearch({ event: 'Buy' }))).toBe('On how many days of a week users did Buy');
});

it('shows days with their share, and a sentence', () => {
  const answer = { stickiness: { intervals: [{ from: '2026-03-02T00:00:00+00:00', users: 10, days: [7, 3, 0, 0, 0, 0, 0] }] }, ...given };
  const [row] = activityTable(readActivitySearch({ event: 'Buy' }), answer).rows;
  expect(row?.cells[0]).toEqual({ value: 10, cell: { at: 0 } });
  expect(row?.cells[1]).toMatchObject({ value: 7, cell: { at: 0, days: 1 }, heat: 0.7, note: 'Of 10 users who did Buy in Week of Mar 2, 2026, 7 did it on exactly 1 day.' });
  expect(row?.cells[3]?.cell).toBeUndefined();
  expect(isEmpty(answer)).toBe(false);
});

it('has a row for each state of the lifecycle', () => {
  const answer = { lifecycle: { intervals: [{ from: '2026-03-02T00:00:00+00:00', new: 4, returning: 0, resurrecting: 1, dormant: 2 }] }, ...given };
  const table = activityTable(readActivitySearch({ view: 'lifecycle' }), answer);
  expect(table.rows.map(({ label, cells }) => [label, cells[0]?.value, cells[0]?.cell])).toEqual([
    ['New', 4, { at: 0, who: 'new' }], ['Returning', 0, undefined], ['Resurrecting', 1, { at: 0, who: 'resurrecting' }], ['Dormant', 2, { at: 0, who: 'dormant' }],
  ]);
});
