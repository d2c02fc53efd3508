// The overlay as everybody meets it: without a pointer, in light and dark, under the strictest policy, on a very long page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { policyFor, startSite } from "./site.mjs";
import { assertNoProblems, card, PERSON, problems, stats, until, visualizer } from "./visualizing.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ADD = "[data-testid=add-to-cart]";
const TYPED = `<!doctype html><html lang="en"><head><title>Typed</title><link rel="icon" href="data:,"></head><body><main><button id="buy">Buy it</button></main></body></html>`;
/** A page of more than 10,000 elements, 2,000 of them buttons. */
const LONG = `<!doctype html><html lang="en"><head><title>Long</title></head><body><main>${Array.from({ length: 2_000 }, (_, n) =>
  `<div class="row" data-row="${n}"><p><span>Row ${n}</span></p><p><button class="buy">Buy ${n % 7}</button></p></div>`).join("")}</main></body></html>`;
/** Browsers call a task of this length long. */
const TASK_MS = 50;

let cairn, browser, shop, guarded, long, project;

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
  ({ projects: [project] } = await ask(cairn, "projects"));
  const site = { cairn: cairn.url, key: project.write_key, policy: policyFor(cairn.url) };
  const folder = new URL("../../shop", import.meta.url).pathname;
  shop = await startSite({ ...site, folder });
  // Nothing may be made of text that runs, and no policy may be made that lets it.
  guarded = await startSite({ ...site, policy: `${site.policy}; require-trusted-types-for 'script'; trusted-types 'none'`, folder: null, pages: { "/typed": TYPED } });
  long = await startSite({ ...site, policy: undefined, folder: null, pages: { "/long": LONG } });
  const page = await (await browser.newContext(PERSON)).newPage();
  await page.goto(shop.origin);
  await page.waitForFunction(() => window.cairn?.version);
  await page.click(ADD);
  await page.close();
  await until(async () => (await ask(cairn, `projects/${project.id}/preview`, { predicate: { type: "click" }, days: 1 })).count === 1);
});

after(async () => {
  await browser?.close();
  for (const site of [shop, guarded, long]) site?.stop();
  await cairn?.stop();
  cairn?.remove();
});

/** A page with the visualizer on it. */
const visualize = (url) => visualizer({ cairn, browser, project }, url);

/** All that axe holds against the overlay. */
async function heldAgainst(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run("cairn-visualizer", { resultTypes: ["violations", "passes"] }));
  assert.ok(passes.some((rule) => rule.nodes.some((node) => node.target.flat().some((part) => /\bbar\b|testid/.test(part)))), "it looks into the shadow root");
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${colorScheme} ${id}: ${node.target.flat().at(-1)} ${node.failureSummary}`));
}

test("everybody can use the overlay: axe finds nothing in its bar, its card, its message", async () => {
  const page = await visualize(`${shop.origin}/`);
  await page.getByTestId("bar").waitFor();
  const found = [];
  const look = async () => {
    for (const scheme of ["light", "dark"]) found.push(...(await heldAgainst(page, scheme)));
  };
  await look();
  await page.click(`#products li:nth-child(1) ${ADD}`);
  await stats(page);
  for (const part of ["more", "selector-part"]) await page.getByTestId(part).locator("summary").click();
  await page.getByTestId("position").check().catch(() => undefined);
  await page.getByTestId("use-pattern").check();
  await page.getByTestId("ignore-containers").uncheck();
  await look();
  await page.getByTestId("name").fill("");
  await page.getByTestId("selector").fill("a + b");
  await look();
  await page.getByTestId("close").click();
  await page.click(`#products li:nth-child(2) ${ADD}`);
  await page.getByTestId("name").fill("Looked at by axe");
  await page.getByTestId("define").click();
  await page.getByTestId("see-graph").waitFor();
  await look();
  assert.deepEqual(found, []);
  await page.close();
});

test("without a pointer: Tab and Enter pick, everything in the card is reached and seen, Escape goes back and leaves", async () => {
  const page = await visualize(`${shop.origin}/`);
  await page.getByTestId("bar").waitFor();
  const button = page.locator(`#products li:nth-child(1) ${ADD}`);
  await button.focus();
  await page.getByTestId("hover-count").waitFor();
  await page.keyboard.press("Enter");
  await stats(page);
  for (const part of ["more", "selector-part"]) await page.getByTestId(part).locator("summary").click();
  await page.getByTestId("name").focus();
  const all = await card(page).evaluate((el) => {
    const kinds = [...el.querySelectorAll("button, input, textarea, select, summary")].filter((one) => one.checkVisibility() && !one.disabled);
    // Radio buttons are one stop, walked by the arrows.
    return kinds.filter((one) => one.type !== "radio" || one.checked).length;
  });
  const reached = new Set();
  for (let n = 0; n < all; n++) {
    await page.keyboard.press("Tab");
    const { place, seen } = await page.evaluate(() => {
      const root = document.querySelector("cairn-visualizer").shadowRoot;
      const style = getComputedStyle(root.activeElement);
      return { place: [...root.querySelectorAll("*")].indexOf(root.activeElement), seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    assert.ok(seen, `what has the focus is seen (${place})`);
    reached.add(place);
  }
  assert.equal(reached.size, all);
  await page.keyboard.press("Escape");
  await card(page).waitFor({ state: "detached" });
  assert.ok(await button.evaluate((el) => document.activeElement === el), "the focus is where it was");
  for (const name of ["mode-select", "mode-browse", "badges", "exit"]) {
    await page.getByTestId(name).focus();
    assert.ok(await page.getByTestId(name).evaluate((el) => el.matches(":focus-visible")), name);
  }
  await page.keyboard.press("Escape");
  await page.getByTestId("bar").waitFor({ state: "detached" });
  assertNoProblems();
  await page.close();
});

test("under trusted types it works from the ticket to the definition", async () => {
  const page = await visualize(`${guarded.origin}/typed`);
  await page.getByTestId("bar").waitFor();
  await page.getByTestId("badges").click();
  await page.click("#buy");
  await page.getByTestId("outlined").getByText("1 element").waitFor();
  await page.getByTestId("name").fill("Under trusted types");
  await page.getByTestId("define").click();
  await page.getByTestId("see-graph").waitFor();
  assertNoProblems();
  assert.equal(await page.evaluate(() => {
    try {
      document.createElement("script").src = "/x.js";
      return "allowed";
    } catch (error) {
      return error.name;
    }
  }), "TypeError", "the page's policy is in effect");
  problems.length = 0;
  await page.close();
});

test("a page of 10,000 elements is not held up by outlines and badges", async () => {
  for (let n = 0; n < 12; n++) {
    const predicate = n % 2 ? { all: [{ type: "click" }, { selector: `.row:nth-child(${n}n) .buy` }] } : { all: [{ selector: "button" }, { property: "target_text", is: `Buy ${n}` }] };
    await fetch(`${cairn.url}/api/projects/${project.id}/definitions/Long%20${n}`, { method: "PUT", headers: { authorization: `Bearer ${cairn.token}` }, body: JSON.stringify({ predicate }) });
  }
  const page = await visualize(`${long.origin}/long`);
  await page.getByTestId("bar").waitFor();
  assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) > 10_000);
  await page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((task) => Math.round(task.duration)))).observe({ type: "longtask" });
  });
  const round = async () => {
    await page.evaluate(() => (window.tasks = []));
    await page.getByTestId("badges").click();
    await page.getByTestId("badges").getByText(/\(\d+\)/).waitFor();
    await page.hover(".row:nth-child(3) .buy");
    await page.locator(".box:not(.main)").first().waitFor({ state: "attached" });
    await page.click(".row:nth-child(3) .buy");
    await page.getByTestId("outlined").getByText(/match/).waitFor();
    // The page changes under it.
    await page.evaluate(() => document.querySelector("main").append(document.createElement("p")));
    await page.waitForTimeout(600);
    await page.keyboard.press("Escape");
    await page.getByTestId("badges").click();
    return page.evaluate(() => window.tasks);
  };
  // A machine that is busy otherwise makes any task long: one round without a long one tells.
  const rounds = [];
  for (let n = 0; n < 5 && (n === 0 || rounds.at(-1).length); n++) rounds.push(await round());
  console.log(`# long tasks by round, in ms: ${JSON.stringify(rounds)}`);
  assert.ok(rounds.at(-1).every((ms) => ms <= TASK_MS), JSON.stringify(rounds));
  await page.close();
});
