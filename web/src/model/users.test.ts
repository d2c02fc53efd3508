import { expect, test } from 'vitest';
import { isNarrowed, readUsersSearch, resort, shownProperties, toUsersQuery } from './users';

test('an empty address lists everybody, who was here last first', () => {
  const search = readUsersSearch({});
  expect(search).toEqual({ sort: 'last_seen', dir: 'desc', page: 1 });
  expect(isNarrowed(search)).toBe(false);
  expect(toUsersQuery(search, ['plan'])).toEqual({
    sort: { by: 'last_seen', descending: true }, properties: ['plan'], offset: 0, limit: 50,
  });
});

test('what makes no sense in an address is left out', () => {
  const raw = { q: '', list: 7, where: 'no json', segment: '[1]', name: 'x', sort: 'colour', dir: 'up', page: '-3', show: [1, 'plan'] };
  expect(readUsersSearch(raw)).toEqual({ sort: 'last_seen', dir: 'desc', page: 1, show: ['plan'] });
});

test('list, conditions and segment are met together', () => {
  const where = '{"all":[{"user":"plan","is":"pro"}]}';
  const segment = '{"did":"Add to cart","in":"7d"}';
  const search = readUsersSearch({ q: 'jane', list: 'Beta', where, segment, name: 'Active', sort: 'user:plan', dir: 'asc', page: '3' });
  expect(search.name).toBe('Active');
  expect(isNarrowed(search)).toBe(true);
  expect(toUsersQuery(search, [])).toEqual({
    segment: { all: [{ list: 'Beta' }, { all: [{ user: 'plan', is: 'pro' }] }, { did: 'Add to cart', in: '7d' }] },
    search: 'jane', sort: { by: { user: 'plan' }, descending: false }, properties: [], offset: 100, limit: 50,
  });
  expect(toUsersQuery(readUsersSearch({ list: 'Beta' }), []).segment).toEqual({ list: 'Beta' });
});

test('a click on the column that orders turns it round, another begins the way people want', () => {
  const search = readUsersSearch({ page: '4' });
  expect(resort(search, 'last_seen')).toMatchObject({ sort: 'last_seen', dir: 'asc', page: 1 });
  expect(resort(search, 'handle')).toMatchObject({ sort: 'handle', dir: 'asc' });
  expect(resort(search, 'events')).toMatchObject({ sort: 'events', dir: 'desc' });
  expect(resort(resort(search, 'user:plan'), 'user:plan')).toMatchObject({ sort: 'user:plan', dir: 'desc' });
});

test('columns are those chosen, else the first that are not first touch', () => {
  const known = ['city', 'initial_referrer', 'plan', 'team'];
  expect(shownProperties(readUsersSearch({}), known)).toEqual(['city', 'plan']);
  expect(shownProperties(readUsersSearch({ show: 'team' }), known)).toEqual(['team']);
});
