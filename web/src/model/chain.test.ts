import { describe, expect, it } from 'vitest';
import { selectorFor } from './chain';

describe('selectorFor', () => {
  it.each([
    ['a test id before all', 'html>button#buy.btn[data-testid=buy-now]', '[data-testid="buy-now"]'],
    ['an id before classes', 'html>button#buy.btn', '#buy'],
    ['classes', 'html>button.btn.primary', 'button.btn.primary'],
    ['classes below the nearest marked ancestor', 'html>div#cart>p>a.btn', '#cart a.btn'],
    ['no generated id', 'html>button#radix-4711.btn', 'button.btn'],
    ['no hashed class', 'html>button.css-1x2y3z.btn', 'button.btn'],
    ['no module hash', 'html>button.Button_root__a8Xz2', 'button'],
    ['no state', 'html>a.nav.is-open.active', 'a.nav'],
    ['no utility with escapes', 'html>a.md\\:flex.cta', 'a.cta'],
    ['a hint when there is no class', 'html>input[name=email][type=text]', 'input[name="email"]'],
    ['the mark of an ancestor', 'html>div[data-testid=card]>span>b', '[data-testid="card"] b'],
    ['quotes escaped', 'a[data-testid=say"hi"]', '[data-testid="say\\"hi\\""]'],
  ])('%s', (_, chain, selector) => {
    expect(selectorFor(chain)).toBe(selector);
  });

  it('gives none when nothing tells the target apart', () => {
    expect(selectorFor('html>body>div')).toBeNull();
    expect(selectorFor('')).toBeNull();
  });
});
