// Brings the queue to the server: in batches, one at a time, again until confirmed.

import { byteLength } from "./bytes";
import { corrected, correctedNow, learn, noteSent } from "./clock";
import { host, key } from "./config";
import { guard, listen } from "./guard";
import { allowed } from "./privacy";
import { adopt, BATCH_MESSAGES, clear, persist, putBack, remove, take, waiting, type Message } from "./queue";

const DELAY_MS = 500;
/** The first view has already waited for its title. */
const FIRST_DELAY_MS = 100;
const TIMEOUT_MS = 30_000;
const BACKOFF_MS = 1000;
const BACKOFF_MAX_MS = 300_000;
const RETRY_AFTER_MAX_MS = 3_600_000;

const url = `${host}/ingest/${key}`;

let timer: ReturnType<typeof setTimeout> | undefined;
let first = true;
let underWay = 0;
let failures = 0;
/** The server asked for quiet until then. */
let quietUntilMs = 0;
/** The server does not know the key. */
let refused = false;

/** To be called after each message. */
export function schedule(): void {
  if (refused) clear();
  else if (!failures && waiting() >= BATCH_MESSAGES && !underWay) wait(0);
  else if (!timer) wait(first ? FIRST_DELAY_MS : DELAY_MS);
  first = false;
}

/** Sends now; with `all`, everything, beside what is under way. */
function send(all?: boolean): void {
  timer = clearTimeout(timer) as undefined;
  if (!allowed()) return clear();
  if (underWay && !all) return;
  if (!all) adopt(); // a page that goes must not take back what it has just left
  for (let batch = take(); batch.length; batch = all ? take() : []) post(batch);
}

function post(batch: Message[]): void {
  const sentMs = Date.now();
  const body = wire(batch);
  fetch(url, {
    method: "POST",
    body,
    // Other scripts may have used up the allowance: a second try does without.
    keepalive: !failures && byteLength(body) < 65_000,
    credentials: "omit",
    signal: AbortSignal.timeout?.(TIMEOUT_MS),
  })
    .then(async (answer) => settle(batch, answer, await answer.json().catch(() => ({})), sentMs))
    .catch(() => retry(batch, 0));
  underWay++;
}

function settle(batch: Message[], answer: Response, body: { server_time?: unknown }, sentMs: number): void {
  const { status } = answer;
  if (status === 408 || status === 429 || status >= 500) return retry(batch, retryAfterMs(answer));
  underWay--;
  learn(body.server_time, sentMs);
  failures = 0;
  refused = status === 401;
  remove(batch);
  if (refused) clear();
  if (waiting() && !timer) wait(waiting() >= BATCH_MESSAGES ? 0 : DELAY_MS);
}

function retry(batch: Message[], askedMs: number): void {
  underWay--;
  putBack(batch);
  const backoffMs = Math.min(BACKOFF_MS * 2 ** failures++, BACKOFF_MAX_MS) * (0.5 + Math.random());
  if (askedMs) quietUntilMs = Date.now() + askedMs;
  persist();
  wait(Math.max(askedMs * (1 + Math.random() / 10), backoffMs));
}

function retryAfterMs(answer: Response): number {
  const value = answer.headers.get("retry-after") || "";
  const ms = +value * 1000 || Date.parse(value) - Date.now() || 0;
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}

function wait(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(guard(() => send()), ms);
}

function wire(batch: Message[]): string {
  const messages = batch.map((m) => {
    noteSent(m.deviceMs);
    return `{"time":${corrected(m.deviceMs)},${m.jsonText.slice(1)}`;
  });
  return `{"sent_at":${correctedNow()},"messages":[${messages}]}`;
}

/** The page may never run again: what is under way survives it, the rest goes by beacon. */
function leave(): void {
  if (refused || !allowed()) return clear();
  if (Date.now() >= quietUntilMs) {
    for (let batch = take(); batch.length; batch = take()) if (!navigator.sendBeacon(url, wire(batch))) break;
  }
  persist(true); // no answer will tell whether the beacon arrived
}

/** `before` runs first whenever the page may be about to go. */
export function startTransport(before: () => void): void {
  listen(window, "pagehide", () => {
    before();
    leave();
  });
  listen(document, "visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    before();
    persist();
    if (Date.now() >= quietUntilMs) send(true);
  });
  listen(window, "online", () => failures && Date.now() >= quietUntilMs && send());
}
