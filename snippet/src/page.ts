// What is known about the page, and when a new one is viewed.

import { tick } from "./clock";
import { hashRouting, VERSION } from "./config";
import { guard, listen } from "./guard";
import { withoutSecrets } from "./privacy";

export type Properties = Record<string, unknown>;

/** Single-page apps set the title after the address. */
const TITLE_DELAY_MS = 100;
export const UTM = ["source", "medium", "campaign", "term", "content"];

export function pageFacts(): Properties {
  const query = new URLSearchParams(location.search);
  const facts: Properties = {
    domain: location.hostname,
    path: location.pathname + (hashRouting ? withoutSecrets(location.hash) : ""),
    query: withoutSecrets(location.search.slice(1)) || undefined,
    title: document.title,
    referrer: withoutSecrets(document.referrer) || undefined,
    viewport_width: innerWidth,
    viewport_height: innerHeight,
    language: navigator.language,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    library: "web",
    library_version: VERSION,
  };
  for (const name of UTM) facts[`utm_${name}`] = query.get(`utm_${name}`) || undefined;
  return facts;
}

/** A view waits a moment for its title; whatever happens meanwhile comes after it. */
interface View {
  deviceMs: number;
  facts: Properties;
  timer: ReturnType<typeof setTimeout>;
}
let view: View | undefined;
let seen = "";
let record: (deviceMs: number, facts: Properties) => void;

/** Calls `onView` for the present page and each that follows. */
export function startPages(onView: typeof record): void {
  record = onView;
  begin();
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...args) {
      original.apply(this, args);
      moved();
    };
  }
  listen(window, "popstate", moved);
  if (hashRouting) listen(window, "hashchange", moved);
  listen(window, "pageshow", (event: PageTransitionEvent) => {
    if (event.persisted) begin();
  });
}

/** A view of the present page, unless one is waiting already. */
export function begin(): void {
  if (view) return;
  seen = address();
  view = { deviceMs: tick(), facts: pageFacts(), timer: setTimeout(guard(settleView), TITLE_DELAY_MS) };
}

/** Records the view that waits. */
export function settleView(): void {
  const settled = view;
  dropView();
  if (settled) record(settled.deviceMs, { ...settled.facts, title: document.title });
}

export function dropView(): void {
  clearTimeout(view?.timer);
  view = undefined;
}

const moved = guard(() => {
  if (address() === seen) return;
  settleView();
  begin();
});

function address(): string {
  return location.pathname + location.search + (hashRouting ? location.hash : "");
}
