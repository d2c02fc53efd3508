// Calls to Cairn, with the token that the ticket in the address was exchanged for.

import { host } from "../../snippet/src/config";
import type { Predicate } from "./choices";
import { texts } from "./texts";

/** As the snippet calls it: whatever is there, nothing is recorded in this tab. */
const STORE = "cairn-visualizer";
const TIMEOUT_MS = 30_000;

export interface Opened {
  token: string;
  expires_at: number;
  project: { id: string; name: string; zone: string };
  /** Where the web app is. */
  app: string;
}

export interface Looked {
  count: number;
  users: number;
  page?: { visitors: number; users: number };
  days?: number[];
  latest?: { time: number; type: string; path: string | null; text: string | null }[];
}

export interface Overlaps {
  overlaps: { name: string; count: number; both: number }[];
  compared: number;
  definitions: number;
}

export interface Definition {
  name: string;
  predicate: Predicate;
}

export class ApiError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

let opened: Opened | undefined;

export const session = (): Opened => opened!;

/** Takes up what the page before has left, or exchanges the ticket. */
export async function openSession(): Promise<void> {
  const kept = sessionStorage.getItem(STORE) ?? "";
  if (kept.startsWith("{")) {
    opened = JSON.parse(kept) as Opened;
    if (opened.expires_at > Date.now()) return;
    throw new ApiError("visualizer", "");
  }
  opened = await send<Opened>("POST", "", { ticket: kept });
  sessionStorage.setItem(STORE, JSON.stringify(opened));
}

/** From here on this tab is a visitor's again. */
export function closeSession(): void {
  if (opened) void send("DELETE", "").catch(() => undefined);
  forgetSession();
}

export function forgetSession(): void {
  sessionStorage.removeItem(STORE);
}

export interface Page {
  domain: string;
  path: string;
}

export const look = (predicate: Predicate, page: Page, brief: boolean, signal?: AbortSignal): Promise<Looked> =>
  send<Looked>("POST", "/preview", { predicate, page, brief }, signal);

export const overlaps = (predicate: Predicate, signal?: AbortSignal): Promise<Overlaps> =>
  send<Overlaps>("POST", "/overlap", { predicate }, signal);

export const definitions = async (): Promise<Definition[]> =>
  (await send<{ definitions: Definition[] }>("GET", "/definitions")).definitions;

export const define = (name: string, predicate: Predicate): Promise<Definition> =>
  send<Definition>("PUT", `/definitions/${encodeURIComponent(name)}`, { predicate });

/** Where the definition's graph is in the web app. */
export function graphUrl(name: string): string {
  const search = new URLSearchParams({ project: session().project.id, event: name });
  return `${session().app}/graph?${search.toString()}`;
}

/** A site on which no visualizer is open may not ask: that looks like no answer. Only the exchange says so to every site. */
async function isOver(): Promise<boolean> {
  if (!opened) return false;
  const init = { method: "POST", body: '{"ticket":""}', credentials: "omit", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  return fetch(`${host}/api/visualizer`, init).then((answer) => answer.status === 401, () => false);
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, credentials: "omit", keepalive: method === "DELETE", signal: signal ?? AbortSignal.timeout(TIMEOUT_MS) };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (opened) init.headers = { authorization: `Bearer ${opened.token}` };
  let answer: Response;
  try {
    answer = await fetch(`${host}/api/visualizer${path}`, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw (await isOver()) ? new ApiError("visualizer", texts.ended) : new ApiError("network", texts.unreachable);
  }
  if (answer.status === 204) return undefined as T;
  const read = (await answer.json().catch(() => ({}))) as { error?: { code: string; message: string } };
  if (answer.ok) return read as T;
  throw new ApiError(read.error?.code ?? "status", read.error?.message ?? `${answer.status}`);
}
