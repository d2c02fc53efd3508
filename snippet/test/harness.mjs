// A browser, a site and a recording collector of another origin.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const SCRIPT = readFileSync(new URL("../dist/cairn.js", import.meta.url));
export const KEY = "ck_test";

/** What a customer pastes, but for the script's tag. */
export const STUB =
  `<script>window.cairn=window.cairn||[];for(let m of"track identify resetIdentity addUserProperties setOnce addEventProperties ` +
  `removeEventProperty optIn optOut".split(" "))cairn[m]=(...a)=>cairn.push([m,...a])</script>`;

function listen(handler) {
  return new Promise((resolve) => {
    const server = createServer(handler);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** Records all that the script sends; `answer` may be replaced by a test. */
export async function startCollector() {
  const collector = {
    requests: [],
    answer: () => ({ status: 200 }),
    /** Messages in order of arrival, each id once. */
    get messages() {
      const ids = new Set();
      return collector.requests
        .flatMap((request) => request.body.messages)
        .filter((m) => !m.event_id || (!ids.has(m.event_id) && ids.add(m.event_id)));
    },
    of: (type) => collector.messages.filter((m) => m.type === type),
    async until(what, ok, ms = 8000) {
      for (const end = Date.now() + ms; Date.now() < end; ) {
        if (ok()) return;
        await new Promise((r) => setTimeout(r, 20));
      }
      throw new Error(`${what} did not arrive; got ${JSON.stringify(collector.messages.map((m) => m.name ?? m.type))}`);
    },
    untilType: (type, n = 1) => collector.until(`${n} ${type}`, () => collector.of(type).length >= n),
    untilNamed: (name) => collector.until(name, () => collector.messages.some((m) => m.name === name)),
  };
  const server = await listen((req, res) => {
    if (req.url === "/cairn.js") return res.setHeader("content-type", "text/javascript").end(SCRIPT);
    if (req.url === "/visualizer.js") {
      res.setHeader("access-control-allow-origin", "*").setHeader("content-type", "text/javascript");
      return res.end("window.overlays = [...(window.overlays || []), { from: import.meta.url, ...cairn.tag.dataset }]");
    }
    let raw = "";
    req.on("data", (chunk) => (raw += chunk));
    req.on("end", () => {
      res.setHeader("access-control-allow-origin", "*").setHeader("access-control-expose-headers", "retry-after");
      const body = raw ? JSON.parse(raw) : { messages: [] };
      const { status, headers = {}, serverTime = Date.now() } = collector.answer(body);
      const purpose = req.headers["content-type"];
      collector.requests.push({ method: req.method, url: req.url, raw, body, status, contentType: purpose, atMs: Date.now() });
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      res.statusCode = status;
      res.end(JSON.stringify({ accepted: body.messages.length, refused: [], server_time: serverTime }));
    });
  });
  collector.port = server.address().port;
  collector.origin = `http://localhost:${collector.port}`;
  collector.close = () => (server.closeAllConnections(), server.close());
  return collector;
}

/** Serves one HTML body at every path. */
export async function startSite(collector, body, { attributes = "", head = "", policy = "" } = {}) {
  const html =
    `<!doctype html><html lang="en"><head><title>Shop</title>${STUB}${head}` +
    `<script async src="${collector.origin}/cairn.js" data-key="${KEY}" ${attributes}></script></head><body>${body}</body></html>`;
  const server = await listen((_, res) => {
    if (policy) res.setHeader("content-security-policy", policy);
    res.setHeader("content-type", "text/html").end(html);
  });
  const { port } = server.address();
  return { port, origin: `http://127.0.0.1:${port}`, close: () => (server.closeAllConnections(), server.close()) };
}

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP *.shop.test 127.0.0.1",
    ],
  });
}

/** A scenario in a fresh profile: collector, site and page, closed afterwards. A page error fails it. */
export async function visit(browser, body, scenario, { path = "/", init, context: contextOptions, ...siteOptions } = {}) {
  const collector = await startCollector();
  const site = await startSite(collector, body, siteOptions);
  const context = await browser.newContext(contextOptions);
  if (init) await context.addInitScript(init);
  const errors = [];
  context.on("weberror", (e) => errors.push(e.error()));
  try {
    const page = await context.newPage();
    await page.goto(site.origin + path);
    await scenario({ page, collector, site, context });
    if (errors.length) throw errors[0];
  } finally {
    await context.close();
    site.close();
    collector.close();
  }
}

/** The script has replaced the stub. */
export const ready = (page) => page.waitForFunction(() => window.cairn && window.cairn.version);
