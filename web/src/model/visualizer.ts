/** Where the visualizer is opened: the address of a page, and what makes it open there. */
import { isLocal } from './snippet';

/** What people write as an address, as a URL; null if it is none that the visualizer could be opened on. */
export function readAddress(text: string): URL | null {
  const written = text.trim();
  if (written === '' || /\s/.test(written)) return null;
  const local = /^(localhost|127\.|\[::1\]|[^/]*\.(local|test)\b|[^./]+:\d)/i.test(written);
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `${local ? 'http' : 'https'}://${written}`;
  if (!URL.canParse(whole)) return null;
  const url = new URL(whole);
  return /^https?:$/.test(url.protocol) && url.hostname !== '' && url.username === '' ? url : null;
}

/** The page's address with the ticket in its fragment, which no server sees; the snippet takes it out. */
export function addressWith(url: URL, ticket: string): string {
  const opened = new URL(url);
  opened.hash = opened.hash === '' ? `cairn-visualizer=${ticket}` : `${opened.hash}&cairn-visualizer=${ticket}`;
  return opened.href;
}

/** Addresses to propose: the last one used, then those that events came from. Events have no scheme or port, but referrers do. */
export function proposals(last: string | null, domains: unknown[], referrers: unknown[]): string[] {
  const known = new Set(domains.filter((domain): domain is string => typeof domain === 'string' && domain !== ''));
  const origins: string[] = last === null ? [] : [last];
  for (const referrer of referrers) {
    const url = typeof referrer === 'string' ? readAddress(referrer) : null;
    if (url !== null && known.delete(url.hostname)) origins.push(url.origin);
  }
  for (const domain of known) {
    const url = readAddress(domain);
    // A site on somebody's own machine is hardly ever on the port that browsers leave out.
    if (url !== null && !isLocal(url.hostname)) origins.push(url.origin);
  }
  return [...new Set(origins)];
}

interface Open {
  id: string;
  origin: string;
  open: boolean;
  expires_at: number;
}

/** Of each site the one that was just asked for, or else the one that lasts longest: nobody says when a tab is closed. */
export function openSites<T extends Open>(all: T[], asked: string | null): T[] {
  const bySite = new Map<string, T>();
  for (const one of all.filter(({ open }) => open)) {
    const known = bySite.get(one.origin);
    if (known === undefined || one.id === asked || (known.id !== asked && one.expires_at > known.expires_at)) bySite.set(one.origin, one);
  }
  return [...bySite.values()];
}

const key = (project: string) => `cairn-site-${project}`;

export function lastAddress(project: string): string | null {
  try {
    return localStorage.getItem(key(project));
  } catch {
    return null;
  }
}

export function keepAddress(project: string, address: string) {
  try {
    localStorage.setItem(key(project), address);
  } catch {
    // Without storage it is written again next time.
  }
}
