// How fast the app and the visualizer are over a data folder that is there: `make bench-web`, or `node speed.mjs DATA_FOLDER`.
// The folder holds the benchmark's data (`generate --until-now`); Cairn's program is CAIRN. Prints medians; nothing is asserted.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";

import { ask } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { startSite } from "./site.mjs";

const TARGETS = 24;
const PERSON = { viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" };
const PATH = "/products/small-lamp";
const [data] = process.argv.slice(2);
if (!data || !process.env.CAIRN) throw new Error("usage: CAIRN=PROGRAM node speed.mjs DATA_FOLDER");

/** Rounds choose each of these but the one that is there, in the second and then in the third step: no answer is known before. */
const TYPES = ["Page view", "Click", "Change", "Submit", "Session"];
const on = (...more) => ({ all: [{ property: "path", is: PATH }, ...more] });
const EVENTS = {
  "A link": on({ type: "click" }, { selector: "a.link" }),
  "A button": on({ type: "click" }, { selector: "button.btn" }),
  "A button of a card": on({ type: "click" }, { selector: ".card button.btn" }),
  "A link, changed": on({ type: "change" }, { selector: "a.link" }),
  "A button, changed": on({ type: "change" }, { selector: "button" }),
  "A form": on({ type: "submit" }),
};

const server = await serve();
const browser = await launchChromium();
const { projects: [project] } = await ask(server, "projects");
const api = (path, body) => ask(server, `projects/${project.id}/${path}`, body);
const { accepted } = await api("ledger");
console.log(`${accepted.toLocaleString("en")} events, load average ${loadavg().map((load) => load.toFixed(1)).join(" ")}`);
try {
  await define();
  await funnel("any pageview, then click, then submit", ["type:pageview", "type:click", "type:submit"], TYPES);
  await funnel("three defined events", Object.keys(EVENTS).slice(0, 3), Object.keys(EVENTS));
  await hover();
} finally {
  await browser.close();
  server.child.kill("SIGTERM");
}

/** `cairn serve` on the folder. */
async function serve() {
  const child = spawn(process.env.CAIRN, ["serve", "--data", data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (bytes) => (out += bytes));
  while (!/\?token=/.test(out)) {
    if (child.exitCode !== null) throw new Error(`cairn did not start:\n${out}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const signIn = out.match(/http:\S+\?token=\S+/)[0];
  return { child, signIn, url: new URL(signIn).origin, token: readFileSync(join(data, "token"), "utf8").trim() };
}

/** Events of few rows, as an analyst defines them; their indexes are made by now. */
async function define() {
  for (const [name, predicate] of Object.entries(EVENTS)) await put(`definitions/${encodeURIComponent(name)}`, { predicate });
}

async function put(path, body) {
  const init = { method: "PUT", headers: { authorization: `Bearer ${server.token}` }, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}/api/projects/${project.id}/${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/**
 * From the choice of another step to the answer on the screen: the click's event to the second frame after the answer stands in
 * the page, as the page's own clock has it.
 */
async function funnel(what, steps, choices) {
  const page = await (await browser.newContext(PERSON)).newPage();
  const answers = [];
  page.on("response", async (response) => {
    if (response.url().endsWith("/query")) answers.push((await response.json()).explain.total_ms);
  });
  await page.goto(server.signIn);
  await page.waitForURL("**/live*");
  await page.goto(`${server.url}/funnel?${steps.map((step) => `step=${encodeURIComponent(step)}`).join("&")}&days=90`);
  await page.locator("[data-testid=report-answer][data-settled=true]").waitFor();
  const times = [];
  for (const at of [1, 2]) {
    const field = page.getByTestId("funnel-event").nth(at);
    for (const choice of choices) {
      if ((await field.inputValue()) === choice) continue;
      await field.click();
      const option = page.getByRole("option", { name: choice, exact: true });
      await option.waitFor();
      await page.evaluate(timeRedraw);
      await option.click();
      times.push(await page.evaluate(() => window.redrawn));
    }
  }
  console.log(`funnel of ${what}, 90 days, another step, ${times.length} times: redrawn ${summary(times)}; of which the engine ${summary(answers)}`);
  await page.close();
}

/** Runs in the page: `window.redrawn` is the milliseconds from the next click to the painted answer. */
function timeRedraw() {
  const answer = () => document.querySelector("[data-testid=report-answer]");
  window.redrawn = new Promise((resolve) => {
    document.addEventListener("click", () => {
      const start = performance.now();
      let asked = false;
      const look = () => {
        const settled = answer()?.dataset.settled === "true";
        asked ||= !settled;
        if (asked && settled) return requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
        if (performance.now() - start > 10_000) return resolve(NaN);
        requestAnimationFrame(look);
      };
      look();
    }, { once: true, capture: true });
  });
}

/** From the pointer on an element to its counts beside it. */
async function hover() {
  const { graph } = await api("query", { graph: { event: { all: [{ type: "click" }, { property: "path", is: PATH }] }, ...days(14), interval: "whole", group_by: [{ event: "chain" }], top: TARGETS } });
  const chains = graph.series.map(({ group }) => group?.[0]).filter((chain) => typeof chain === "string");
  const site = await startSite({ folder: null, cairn: server.url, key: project.write_key, pages: { [PATH]: pageOf(chains) } });
  const { ticket } = await ask(server, `projects/${project.id}/visualizer`, { origin: site.origin, app: server.url });
  const page = await (await browser.newContext(PERSON)).newPage();
  await page.goto(`${site.origin}${PATH}#cairn-visualizer=${ticket}`);
  await page.getByTestId("bar").waitFor();
  const times = [];
  let counted = 0;
  for (let at = 0; at < chains.length; at++) {
    await page.mouse.move(1, 1);
    await page.evaluate(timeCounts);
    await page.locator(`[data-target="${at}"]`).hover();
    const { ms, users } = await page.evaluate(() => window.counts);
    times.push(ms);
    counted += users > 0;
  }
  console.log(`visualizer: counts ${summary(times)} after the pointer, over ${times.length} elements, ${counted} with people`);
  await page.close();
  site.stop();
}

/** The last days, today included. */
function days(count) {
  const date = (ms) => new Date(ms).toISOString().slice(0, 10);
  return { from: date(Date.now() - (count - 1) * 86_400_000), to: date(Date.now() + 86_400_000) };
}

/** Runs in the page: `window.counts` is the milliseconds from the next move of the pointer over a target until its counts are there. */
function timeCounts() {
  window.counts = new Promise((resolve) => {
    document.addEventListener("pointerover", (event) => {
      if (!event.target.closest?.("[data-target]")) return;
      const start = performance.now();
      const root = () => [...document.querySelectorAll("*")].map((el) => el.shadowRoot).find((shadow) => shadow?.querySelector("[data-testid=hover-count]"));
      const look = () => {
        const found = root()?.querySelector("[data-testid=hover-count]");
        const ms = performance.now() - start;
        if (found || ms > 10_000) return resolve({ ms: found ? ms : NaN, users: Number(found?.dataset.users ?? 0) });
        requestAnimationFrame(look);
      };
      look();
    }, { capture: true });
  });
}

/** A page of the elements that these chains name, each in its containers. */
function pageOf(chains) {
  const elements = chains.map((chain, at) => {
    const path = chain.split(/(?<!\\)>/).slice(3).map(parse);
    return path.reduceRight((inside, { tag, attributes }, depth) => {
      const target = depth === path.length - 1 ? ` data-target="${at}"` : "";
      return `<${tag}${attributes}${target}>${inside}</${tag}>`;
    }, `Element ${at}`);
  });
  return `<!doctype html><html><head><title>Speed</title></head><body class="shop"><div id="root">${elements.join("\n")}</div></body></html>`;
}

/** Of one element of a chain: its tag, and its id, classes and attributes as HTML. */
function parse(element) {
  const plain = element.replace(/:\d+\/\d+\/\d+\/\d+$/, "");
  const word = "((?:[^.#[\\]=:>\\\\]|\\\\.)+)";
  const clean = (text) => text.replaceAll(/\\(.)/g, "$1").replaceAll('"', "&quot;");
  const all = (pattern) => [...plain.replace(/\[.*\]/, "").matchAll(new RegExp(pattern, "g"))].map((match) => clean(match[1]));
  const attributes = [...plain.matchAll(/\[([\w-]+)=((?:[^\]\\]|\\.)*)\]/g)].map(([, name, value]) => ` ${name}="${clean(value)}"`);
  const [id] = all(`#${word}`);
  const classes = all(`\\.${word}`);
  return {
    tag: plain.match(/^[a-z0-9-]+/)[0],
    attributes: (id ? ` id="${id}"` : "") + (classes.length > 0 ? ` class="${classes.join(" ")}"` : "") + attributes.join(""),
  };
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0);
  return `${at(0.5)} ms (p90 ${at(0.9)}, most ${at(1)})`;
}
