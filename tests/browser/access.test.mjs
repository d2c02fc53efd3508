// Everybody can use every page of the app, in light and dark: axe-core finds nothing serious or critical. A picture of each, of a shop with
// some history, stays in screenshots/.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { ask, startDemo } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { event, pages, put, routes, seed, shown } from "./pages.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Enough for charts to be full. */
const EVENTS = 5_000;
const EXAMPLES_MAX = 2;
const STEPS = ["Viewed item", "Add to cart", "Confirm order"];
const LOOKERS = { all: [{ did: "Viewed item", in: "30d" }, { not: { did: "Confirm order", in: "30d" } }] };

/** One of every kind, and of one that only another version knows: name, kind, question, and how wide its tile is. */
const REPORTS = [
  ["People who add to their cart", "graph", { event: ["Add to cart"], measure: ["users"], interval: "week", days: 90 }, 2],
  ["From item to order", "funnel", { step: STEPS, days: 90 }, 1],
  ["Weeks until they come back", "retention", { start: "Viewed item", back: "Viewed item", interval: "week", days: 60 }, 1],
  ["Ways through the shop", "paths", { days: 90, depth: 3, top: 5 }, 2],
  ["Browsers and devices", "pivot", { event: "type:pageview", row: "event:browser", column: "event:device", days: 90, show: "row" }, 2],
  ["Who comes and goes", "activity", { view: "lifecycle", event: "type:pageview", interval: "week", days: 60 }, 1],
  ["Lookers without an order", "segments", { who: JSON.stringify(LOOKERS) }, 1],
  ["Clicks by another version", "unknown", { event: "Buy" }, 2],
];

/** What the demo's events fill. */
const FULL = [
  `/funnel?${STEPS.map((step) => `step=${encodeURIComponent(step)}`).join("&")}&days=90&trend=week`,
  "/dashboards?board=1&days=30",
];

let cairn, browser, project;

before(async () => {
  cairn = await startDemo("--events", String(EVENTS));
  browser = await launchChromium();
  project = await seed(cairn, [
    event(1, "pageview", { session_id: "s1", path: "/", title: "Home", domain: "shop.example", browser: "Firefox" }),
    event(1, "click", { session_id: "s1", path: "/", target_text: "Buy", target_tag: "button", chain: "html>body:2/2/1/1>button#buy:1/1/1/1" }),
    event(2, "custom", { amount: 3, bot: true }, { name: "Order Placed" }),
    { type: "identify", user_id: "1", handle: "ann@shop.example", time: Date.now() },
    { type: "user_properties", user_id: "1", time: Date.now(), set: { plan: "pro", home: "https://shop.example/" } },
  ]);
  await put(cairn, `projects/${project}/definitions/Buy`, { predicate: { type: "click" } });
  await board();
  await put(cairn, `projects/${project}/lists/Beta`, { users: [{ handle: "ann@shop.example" }] });
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

async function board() {
  const tiles = [];
  for (const [name, kind, state, width] of REPORTS) tiles.push({ report: (await put(cairn, `projects/${project}/reports`, { name, kind, state }, "POST")).id, width });
  const { id } = await put(cairn, `projects/${project}/dashboards`, { name: "Shop" }, "POST");
  assert.equal(id, "1");
  await put(cairn, `projects/${project}/dashboards/${id}`, { tiles }, "PATCH");
}

/** What axe holds against what the page shows, as far as it keeps people out. */
async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary.replaceAll("\n", " ")}`).join("\n    ")}`);
}

async function signedIn(viewport, scheme) {
  const page = await (await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: "reduce" })).newPage();
  await page.goto(cairn.signIn);
  await page.waitForURL("**/live*");
  return page;
}

function picture(path, scheme, { width }) {
  const name = decodeURIComponent(path).replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "").slice(0, 80);
  return new URL(`screenshots/${name}-${scheme}-${width}.png`, import.meta.url).pathname;
}

const address = (path) => `${cairn.url}${path}${path.includes("?") ? "&" : "?"}project=${project}`;

for (const [viewport, scheme] of [[WIDE, "light"], [WIDE, "dark"], [PHONE, "light"], [PHONE, "dark"]]) {
  test(`every page keeps nobody out, ${scheme}, ${viewport.width} wide`, async () => {
    const page = await signedIn(viewport, scheme);
    const wrong = [];
    for (const path of [...await pages(cairn, project, EXAMPLES_MAX), ...FULL]) {
      await page.goto(address(path));
      await shown(page);
      assert.equal(await page.locator("html").getAttribute("data-mantine-color-scheme"), scheme);
      // To be looked at by people.
      await page.screenshot({ path: picture(path, scheme, viewport) });
      const found = await findings(page);
      if (found.length > 0) wrong.push(`${path}\n  ${found.join("\n  ")}`);
      const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (spill > 0) wrong.push(`${path} is ${spill} pixels wider than the window`);
    }
    await page.context().close();
    assert.equal(wrong.join("\n"), "");
  });
}

test("pages that have nothing to show yet keep nobody out", async () => {
  const { id } = await ask(cairn, "projects", { name: "Empty", zone: "UTC" });
  const page = await signedIn(PHONE, "dark");
  for (const path of routes().filter((path) => !path.includes("$"))) {
    await page.goto(`${cairn.url}${path}?project=${id}`);
    await shown(page);
    assert.deepEqual(await findings(page), [], path);
  }
  await page.context().close();
});

test("dialogs, the menu of a phone and signing in keep nobody out", async () => {
  const page = await signedIn(PHONE, "light");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.waitForTimeout(400);
  assert.deepEqual(await findings(page), []);
  await page.goto(address("/users/ann@shop.example"));
  await shown(page);
  for (const open of ["user-erase", "user-revoke"]) {
    await page.getByTestId(open).click();
    await page.getByRole("dialog").waitFor();
    await page.waitForTimeout(400);
    assert.deepEqual(await findings(page), [], open);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // The focus is where it came from.
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-testid")), open);
  }
  await page.goto(address("/graph?event=Buy&measure=users"));
  await shown(page);
  const total = page.getByTestId("graph-total").getByRole("button");
  await total.click();
  await page.getByTestId("people-person").first().waitFor();
  await page.waitForTimeout(400);
  assert.deepEqual(await findings(page), [], "the people behind a number");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.ok(await total.evaluate((button) => button === document.activeElement), "the focus is where it came from");
  const outside = await (await browser.newContext({ viewport: WIDE, colorScheme: "dark" })).newPage();
  await outside.goto(cairn.url);
  await shown(outside);
  assert.deepEqual(await findings(outside), []);
});

test("the keyboard alone leads past the navigation into a page", async () => {
  const page = await signedIn(WIDE, "light");
  await page.goto(address("/users"));
  await shown(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.closest("main") !== null), true);
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-testid")), "users-search");
});

test("axe finds what is wrong", async () => {
  const page = await browser.newPage();
  await page.setContent("<html lang='en'><title>x</title><main><h1>x</h1><img src='x.png'><button></button></main></html>");
  const found = (await findings(page)).map((one) => one.split(":")[0]);
  assert.deepEqual(found.sort(), ["button-name", "image-alt"]);
});
