import { expect, test } from 'vitest';
import { bytes, percent } from './format';

test('sizes are short', () => {
  expect([0, 1023, 1024, 1_500_000, 150_000_000, 5 * 1024 ** 4].map(bytes)).toEqual(['0 bytes', '1023 bytes', '1.0 KB', '1.4 MB', '143 MB', '5.0 TB']);
});

test('a trace is not nothing, and nearly all is not all', () => {
  expect([percent(0, 0), percent(0, 9), percent(1, 1e6), percent(999_999, 1e6), percent(1, 1), percent(1, 3), percent(1, 40)])
    .toEqual(['0%', '0%', '<0.1%', '>99.9%', '100%', '33.3%', '2.5%']);
});
