// The capture script: replaces the page's stub, runs the calls that waited in it, and starts recording.

import { startCapture } from "./capture";
import { host, key, VERSION } from "./config";
import { addEventProperties, removeEventProperty, storeEventProperties } from "./extra";
import { guard } from "./guard";
import { begin, dropView, settleView, startPages } from "./page";
import { allowed, choose, forgetVisitor } from "./privacy";
import { clear } from "./queue";
import { identify, recordEvent, recordNow, resetIdentity, setUserProperties } from "./record";
import { isObject } from "./storage";
import { startTransport } from "./transport";
import { startVisualizer } from "./visualizer";

const methods: Record<string, (...args: never[]) => void> = {
  track(name: unknown, properties?: unknown) {
    if (name) recordNow("custom", isObject(properties) ? properties : {}, String(name));
  },
  identify,
  resetIdentity,
  addUserProperties: (properties: unknown) => setUserProperties("set", properties),
  setOnce: (properties: unknown) => setUserProperties("set_once", properties),
  addEventProperties,
  removeEventProperty,
  optIn() {
    const wasAllowed = allowed();
    choose("in");
    if (wasAllowed) return;
    storeEventProperties();
    begin();
  },
  optOut() {
    dropView();
    clear();
    forgetVisitor();
    choose("out");
  },
};

interface Stub extends Array<unknown> {
  version?: string;
  [method: string]: unknown;
}

function start(): void {
  const page = window as unknown as { cairn: Stub };
  const stub: Stub = Array.isArray(page.cairn) ? page.cairn : (page.cairn = [] as unknown as Stub);
  if (stub.version) return; // installed twice
  stub.version = VERSION;
  const run = guard(([method, ...args]: [string, ...never[]]) => {
    methods[method]?.(...args);
  });
  for (const method in methods) stub[method] = (...args: never[]) => run([method, ...args]);
  stub.push = (...calls: unknown[]) => {
    for (const call of calls) run(call as [string]);
    return 0;
  };
  startVisualizer();
  startTransport(settleView);
  startPages((deviceMs, facts) => recordEvent("pageview", {}, deviceMs, facts));
  startCapture();
  for (const call of stub.splice(0)) run(call as [string]);
}

guard(() => {
  if (!key || !host) return console.warn("Cairn: the script tag needs data-key");
  const { prerendering } = document as Document & { prerendering?: boolean };
  if (prerendering) document.addEventListener("prerenderingchange", guard(start), { once: true });
  else start();
})();
