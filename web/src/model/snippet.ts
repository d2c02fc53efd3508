/** What a site pastes in. The stub keeps calls made before the script has loaded; see snippet/. */
const STUB =
  'window.cairn=window.cairn||[];for(let m of"track identify resetIdentity addUserProperties setOnce addEventProperties ' +
  'removeEventProperty optIn optOut".split(" "))cairn[m]=(...a)=>cairn.push([m,...a])';

export function snippet(origin: string, writeKey: string, masks: string[] = []): string {
  const mask = masks.length === 0 ? '' : ` data-mask="${attribute(masks.join(','))}"`;
  return `<script>${STUB}</script>\n<script async src="${origin}/cairn.js" data-key="${writeKey}"${mask}></script>`;
}

const attribute = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

export const IDENTIFY_EXAMPLE = `cairn.identify('jane@example.com')`;
export const TRACK_EXAMPLE = `cairn.track('Order Placed', { amount: 19.5 })`;

/** True for an address that only this machine can reach. */
export const isLocal = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** The SHA-256 of the inline line, as a content security policy names it. */
export const STUB_HASH = 'sha256-PNZmZTIrirdSLoURWCYKzuKAVnXwhPyGXcxREY/jLcw=';

/** What a site's own policy has to allow, as it is added to its directives. */
export const cspDirectives = (origin: string) => `script-src '${STUB_HASH}' ${origin};\nconnect-src ${origin};`;
