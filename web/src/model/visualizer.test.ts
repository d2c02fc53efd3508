import { describe, expect, it } from 'vitest';
import { addressWith, openSites, proposals, readAddress } from './visualizer';

describe('addresses', () => {
  it('are read as people write them', () => {
    const read = (text: string) => readAddress(text)?.href ?? null;
    expect(read(' shop.example ')).toBe('https://shop.example/');
    expect(read('shop.example/cart?a=1')).toBe('https://shop.example/cart?a=1');
    expect(read('localhost:3000')).toBe('http://localhost:3000/');
    expect(read('127.0.0.1:7301')).toBe('http://127.0.0.1:7301/');
    expect(read('http://Shop.example:80/a')).toBe('http://shop.example/a');
    for (const wrong of ['', 'a b', 'javascript:alert(1)', 'javascript://shop.example/%0aalert(1)', 'ftp://shop.example', 'https://', 'https://u:p@shop.example']) {
      expect(read(wrong), wrong).toBeNull();
    }
  });

  it('carry the ticket in their fragment, beside what is there', () => {
    const opened = (address: string) => addressWith(new URL(address), 'vt_1');
    expect(opened('https://shop.example/cart?a=1')).toBe('https://shop.example/cart?a=1#cairn-visualizer=vt_1');
    expect(opened('https://shop.example/#/cart')).toBe('https://shop.example/#/cart&cairn-visualizer=vt_1');
  });
});

describe('open sites', () => {
  it('are there once, the one just asked for before the latest', () => {
    const one = (id: string, origin: string, expires_at: number, open = true) => ({ id, origin, open, expires_at });
    const all = [one('a', 'x', 1), one('b', 'x', 3), one('c', 'x', 2), one('d', 'y', 1, false), one('e', 'z', 1)];
    const ids = (asked: string | null) => openSites(all, asked).map(({ id }) => id);
    expect(ids(null)).toEqual(['b', 'e']);
    expect(ids('a')).toEqual(['a', 'e']);
    expect(openSites([], 'a')).toEqual([]);
  });
});

describe('proposals', () => {
  it('are the last address and where events came from', () => {
    const domains = ['shop.example', 'localhost', null, 4];
    expect(proposals(null, domains, ['http://localhost:3000/a', 'https://search.example/'])).toEqual(['http://localhost:3000', 'https://shop.example']);
    expect(proposals('https://shop.example', domains, [])).toEqual(['https://shop.example']);
  });
});
