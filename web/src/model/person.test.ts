import { expect, test } from 'vitest';
import { confirmation, personId, readPersonId } from './person';

test('an address names the person that it was made of', () => {
  for (const handle of ['jane@example.com', '4711', '~4711', '~', '.', '..', 'a/b?c#d%e', ' ', '<b>', 'zwei\nZeilen', '~\n~']) {
    expect(readPersonId(personId({ handle, user_ids: ['1', '2'] }))).toEqual({ handle });
  }
  expect(readPersonId(personId({ handle: null, user_ids: ['4711'] }))).toEqual({ id: '4711' });
});

test('usual handles stand in addresses as they are', () => {
  expect(personId({ handle: 'jane@example.com', user_ids: [] })).toBe('jane@example.com');
});

test('erasing is confirmed by the handle, or by the end of the id', () => {
  expect(confirmation({ handle: 'jane', user_ids: ['1'] })).toBe('jane');
  expect(confirmation({ handle: null, user_ids: ['4611686018427387905'] })).toBe('387905');
});
