import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('quotes what a comma would cut, and has empty cells', () => {
  expect(toCsv([['a,b', 'say "x"', null, 1.5], ['line\nbreak', '', 0, -2]])).toBe('"a,b","say ""x""",,1.5\r\n"line\nbreak",,0,-2\r\n');
});

it('lets no captured text become a formula, and leaves numbers alone', () => {
  expect(toCsv([['=1+1', '+1', '-1', '@x', '\tx', -1]])).toBe("'=1+1,'+1,'-1,'@x,'\tx,-1\r\n");
  expect(toCsv([['=HYPERLINK("http://x","y")']])).toBe('"\'=HYPERLINK(""http://x"",""y"")"\r\n');
});
