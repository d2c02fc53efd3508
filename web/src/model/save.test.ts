import { expect, test } from 'vitest';
import { fileName } from './save';

test('file names are plain, whatever they are about', () => {
  expect(fileName('person', 'jane@example.com')).toBe('person-jane-example.com');
  expect(fileName('person', '../../etc/passwd')).toBe('person-etc-passwd');
  expect(fileName('person', '<script>')).toBe('person-script');
  expect(fileName('person', 'é'.repeat(300)).length).toBeLessThanOrEqual(100);
});
