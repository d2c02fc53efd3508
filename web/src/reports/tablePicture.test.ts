import { expect, it } from 'vitest';
import { fitting } from './tablePicture';

const measure = (text: string) => [...text].length;

it.each([
  ['Firefox', 7, 'Firefox'], ['Firefox', 6, 'Firef…'], ['Firefox', 1, '…'], ['Firefox', 0, '…'], ['', 0, ''], ['🙂🙂🙂', 2, '🙂…'],
])('%s fits into %i as %s', (text, most, shown) => {
  expect(fitting(text, most, measure)).toBe(shown);
});
