// Messages that the server has not yet confirmed. At most 1,000; the oldest give way.
// What is unconfirmed when a page goes lies in localStorage, each page under a name of its own, so that no tab overwrites
// another's; the next page takes it over. A message may thus be sent twice: its event id counts once.

import { byteLength } from "./bytes";
import { getJson, localNames, setLocal } from "./storage";

export interface Message {
  /** The device's time. */
  deviceMs: number;
  /** The message as JSON, without its time. */
  jsonText: string;
  inFlight?: boolean;
}

export const BATCH_MESSAGES = 50;
/** Browsers give all of a page's keepalive requests together 64 KiB. */
export const BATCH_BYTES = 60_000;
const MESSAGES_MAX = 1000;
const STORED_CHARS_MAX = 1_000_000;
const STORED_AGE_MAX_MS = 7 * 86_400_000;
/** A page that wrote this long ago and did not come back is gone. */
const ORPHAN_MS = 60_000;
const STORE = "queue.";

let messages: Message[] = [];
let stored = false;
let store = newStore();

export function add(deviceMs: number, message: object): void {
  messages.push({ deviceMs, jsonText: wellFormed(JSON.stringify(message, plain)) });
  messages = messages.slice(-MESSAGES_MAX);
}

/** The next batch: the oldest messages that are not under way, which then are. Only a single message may exceed the size. */
export function take(): Message[] {
  const batch: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (message.inFlight) continue;
    bytes += byteLength(message.jsonText) + 24;
    if (batch.length && (batch.length >= BATCH_MESSAGES || bytes > BATCH_BYTES)) break;
    batch.push(message);
    message.inFlight = true;
  }
  return batch;
}

/** The batch did not get through. */
export function putBack(batch: Message[]): void {
  for (const message of batch) message.inFlight = false;
}

export function remove(batch: Message[]): void {
  messages = messages.filter((message) => !batch.includes(message));
  if (stored) persist();
}

export function waiting(): number {
  return messages.length;
}

export function clear(): void {
  messages = [];
}

/** Writes down what is unconfirmed; with `leaving`, for any other page to take at once. */
export function persist(leaving?: boolean): void {
  let rows = messages.map((m) => [m.deviceMs, m.jsonText]);
  let text;
  while ((text = JSON.stringify([leaving ? 0 : Date.now(), rows])).length > STORED_CHARS_MAX) {
    rows = rows.slice(rows.length / 2 + 1);
  }
  stored = rows.length > 0;
  setLocal(store, stored ? text : undefined);
  if (leaving) {
    messages = [];
    stored = false;
    store = newStore(); // answers that still come in must not touch what was left
  }
}

/** Takes over what pages that are gone have left. */
export function adopt(): void {
  for (const name of localNames()) {
    if (!name.startsWith(STORE) || name === store) continue;
    const [writtenMs, rows] = parse(getJson(name));
    if (Math.abs(Date.now() - writtenMs) < ORPHAN_MS) continue;
    setLocal(name, undefined);
    const fresh = rows.filter(([deviceMs]) => Date.now() - deviceMs < STORED_AGE_MAX_MS);
    messages = [...fresh.map(([deviceMs, jsonText]) => ({ deviceMs, jsonText })), ...messages].slice(-MESSAGES_MAX);
    persist();
  }
}

function parse(left: unknown): [number, [number, string][]] {
  if (!Array.isArray(left) || !Array.isArray(left[1])) return [0, []];
  return [+left[0] || 0, left[1].filter((row) => row && row[0] > 0 && /^{.*}$/.test(row[1]))];
}

function newStore(): string {
  return STORE + Math.random().toString(36).slice(2);
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** JSON without the escapes (lone surrogates, NUL) for which the server would refuse it. */
function wellFormed(json: string): string {
  return json.replace(/\\\\|\\u(d[89a-f]..|0000)/g, (escape, bad) => (bad ? "\\ufffd" : escape));
}
