import { expect, test } from 'vitest';
import { cspDirectives, isLocal, snippet, STUB_HASH } from './snippet';

test('the policy names the inline line that is pasted, and the origin that it loads from', async () => {
  const pasted = snippet('https://cairn.example', 'ck_1');
  const inline = /<script>(.*?)<\/script>/.exec(pasted)?.[1] ?? '';
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(inline)));
  expect(STUB_HASH).toBe(`sha256-${btoa(String.fromCharCode(...digest))}`);
  expect(cspDirectives('https://cairn.example')).toBe(`script-src '${STUB_HASH}' https://cairn.example;\nconnect-src https://cairn.example;`);
  expect(pasted).toContain('src="https://cairn.example/cairn.js" data-key="ck_1"');
});

test('addresses of this machine are told', () => {
  expect(['localhost', '127.0.0.1', '[::1]'].every(isLocal)).toBe(true);
  expect(isLocal('cairn.example')).toBe(false);
});
