// What is kept on the device: `local` for one origin, `shared` for all subdomains of the site.
// Where the browser refuses storage, both live as long as the page.

import { key } from "./config";

/** Per write key, so that two projects on one site do not share people. */
const PREFIX = `cairn.${key}.`;
/** The longest that browsers allow. */
const COOKIE_MAX_AGE_S = 400 * 86400;

const memory: Record<string, string> = {};

export function getLocal(name: string): string | undefined {
  try {
    return memory[name] ?? localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return memory[name];
  }
}

export function setLocal(name: string, value: string | undefined): void {
  delete memory[name];
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    if (value !== undefined) memory[name] = value;
  }
}

/** What was written as JSON, if it still is that. */
export function getJson(name: string): unknown {
  try {
    return JSON.parse(getLocal(name)!);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The names in use, of this page and of others of the same origin. */
export function localNames(): string[] {
  const names = Object.keys(memory);
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) names.push(name.slice(PREFIX.length));
  } catch {
    // only memory, then
  }
  return names;
}

/** The cookie stands over the copy: another subdomain may have changed it. */
export function getShared(name: string): string | undefined {
  return readCookie(name) ?? getLocal(name);
}

export function setShared(name: string, value: string | undefined): void {
  writeCookie(name, value);
  setLocal(name, value);
}

function readCookie(name: string): string | undefined {
  try {
    return `; ${document.cookie}`.split(`; ${PREFIX}${name}=`)[1]?.split(";")[0];
  } catch {
    return undefined; // sandboxed frames have no cookies
  }
}

let domain: string | undefined;

function writeCookie(name: string, value: string | undefined, at = (domain ??= widestDomain())): void {
  try {
    document.cookie =
      `${PREFIX}${name}=${value ?? ""};path=/;samesite=lax;max-age=${value === undefined ? 0 : COOKIE_MAX_AGE_S}` +
      (at && `;domain=${at}`) +
      (location.protocol === "https:" ? ";secure" : "");
  } catch {
    // the copy in localStorage remains
  }
}

/** The registrable domain: browsers refuse a cookie on anything shorter, so the shortest that takes one is it. */
function widestDomain(): string {
  const labels = location.hostname.split(".");
  for (let from = labels.length; from--; ) {
    const candidate = labels.slice(from).join(".");
    writeCookie("probe", "1", candidate);
    if (readCookie("probe")) {
      writeCookie("probe", undefined, candidate);
      return candidate;
    }
  }
  return "";
}
