// A click in a real browser becomes a point on a chart: shop, snippet, capture, log, store, live feed, definition, graph.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";

/** From the last click to the answers that show it. */
const FRESH_MS = 2_000;
/** What a person types; none of it may reach the disk. */
const TYPED = { news: "typed-newsletter@secret.example", password: "typed-password-4711", search: "typedsearchwords", card: "4111111111111111", name: "Typed Personsname" };
const ADD = "[data-testid=add-to-cart]";

/** A headless browser names itself one, and so counts as a bot; these visitors are people. */
const PERSON = { viewport: { width: 1280, height: 900 }, userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36" };

let cairn, browser, app, shop;

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
  app = await (await browser.newContext({ viewport: PERSON.viewport })).newPage();
  shop = await (await browser.newContext(PERSON)).newPage();
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

async function logIn(email) {
  await shop.click('a[href="/login"]');
  await shop.fill("#login-email", email);
  await shop.fill("#login-password", TYPED.password);
  await shop.click("#login-submit");
  await shop.waitForSelector("#logout");
}

/** Ann and Ben share a device; Ann looks around before she logs in. */
async function visitTheShop() {
  await shop.goto(cairn.shop);
  await shop.fill("#search", TYPED.search);
  await shop.fill("#search", "");
  await shop.click("[data-testid=product-link]");
  await shop.waitForURL("**/items/*");
  await shop.click(`main ${ADD}`);
  await shop.goBack();
  await shop.fill("#newsletter-email", TYPED.news);
  await shop.click("#newsletter button");
  await logIn("ann@shop.example");
  await shop.click(`#products ${ADD}`);
  await shop.click('a[href="/cart"]');
  await shop.click('a[href="/checkout"]');
  await shop.fill("#checkout-name", TYPED.name);
  await shop.fill("#checkout-card", TYPED.card);
  await shop.click("div.checkout_modal a.btn");
  await shop.click("#logout");
  await logIn("ben@shop.example");
  await shop.click(`#products ${ADD}`);
  await shop.click(`#products li:nth-child(2) ${ADD}`);
  return Date.now();
}

async function until(what, deadline, look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) assert.fail(`${what} took longer than it may`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const settled = async (testid) => {
  const figure = app.locator(`[data-testid=${testid}][data-settled=true], [data-settled=true] [data-testid=${testid}]`);
  return Number((await figure.textContent()).replaceAll(/\D/g, ""));
};

test("clicks in the shop become an event defined afterwards, and its graph", async () => {
  await app.goto(cairn.signIn);
  await app.waitForURL("**/live*");
  const { projects } = await ask(cairn, "projects");
  const project = `projects/${projects[0].id}`;

  const lastClick = await visitTheShop();
  const predicate = { all: [{ type: "click" }, { selector: `.hover\\:bg-amber-600${ADD}` }] };

  // The API and the live feed show them within two seconds of the last click.
  await until("the answer to show the clicks", lastClick + FRESH_MS, async () => {
    const preview = await ask(cairn, `${project}/preview`, { predicate, days: 1 });
    return preview.count === 4 && preview.users === 2;
  });
  const rows = app.locator("[data-testid=live-row][data-type=click]", { hasText: "Add to cart" });
  await until("the live feed to show the clicks", lastClick + FRESH_MS, async () => (await rows.count()) === 4);

  await defineInTheApp();
  await graphInTheApp();
  await theStoryIsWhole(project);
});

test("an event is pointed at on the site, and asked about in every way until its person is erased", async () => {
  const { projects } = await ask(cairn, "projects");
  const project = `projects/${projects[0].id}`;
  await pointAtTheMenu();
  await funnelAndRetention();
  await segment();
  await onADashboard();
  await eraseAnn(project);
});

/** In the visualizer, opened from the app: the link to the cart gets a name, without a word of code. */
async function pointAtTheMenu() {
  await app.getByRole("link", { name: "Visualizer" }).click();
  await app.getByTestId("site-address").fill(cairn.shop);
  const [site] = await Promise.all([app.waitForEvent("popup"), app.getByTestId("open-site").click()]);
  await site.getByTestId("bar").waitFor();
  await site.locator('a[href="/cart"]').first().click();
  const stats = site.locator("[data-testid=stats][aria-busy=false][data-users]");
  await stats.waitFor();
  assert.equal(await stats.getAttribute("data-users"), "1");
  await site.getByTestId("name").fill("Look at cart");
  await site.getByTestId("define").click();
  await site.getByTestId("see-graph").waitFor();
  await site.close();
}

const answered = () => app.locator("[data-testid=report-answer][data-settled=true]").waitFor();

async function funnelAndRetention() {
  await app.goto(new URL("/funnel?step=Put+in+cart&step=Look+at+cart&days=7", app.url()).href);
  await answered();
  assert.deepEqual(await app.getByTestId("funnel-reached").allInnerTexts(), ["2", "1"]);
  assert.match(await app.getByTestId("funnel-conversion").innerText(), /^50(\.0)?%$/);
  await app.goto(new URL("/retention?start=Put+in+cart&back=Look+at+cart&interval=day&days=7&show=users", app.url()).href);
  await answered();
  const today = app.getByTestId("retention-row").last();
  assert.equal(await today.locator("td").first().innerText(), "2");
  assert.match(await today.getByTestId("retention-cell").first().innerText(), /^1\*?$/);
}

async function segment() {
  const who = JSON.stringify({ all: [{ did: "Look at cart", in: "7d" }] });
  await app.goto(new URL(`/segments?who=${encodeURIComponent(who)}`, app.url()).href);
  await answered();
  assert.match(await app.getByTestId("segment-total").innerText(), /^1\b/);
  assert.deepEqual(await app.getByTestId("segment-person").locator("a").allInnerTexts(), ["ann@shop.example"]);
}

async function onADashboard() {
  await app.goto(new URL("/graph?event=Put+in+cart&days=7", app.url()).href);
  await answered();
  await app.getByTestId("save-report").click();
  await app.getByRole("dialog").getByRole("textbox").fill("Carts");
  await app.getByTestId("name-submit").click();
  await app.getByTestId("report-menu").click();
  await app.getByRole("menuitem", { name: "A new dashboard" }).click();
  await app.getByRole("dialog").getByRole("textbox").fill("Shop");
  await app.getByTestId("name-submit").click();
  await app.getByRole("link", { name: "Open the dashboard" }).click();
  await app.waitForURL("**/dashboards*");
  await app.getByText("Carts").first().waitFor();
}

async function eraseAnn(project) {
  await app.getByRole("link", { name: "Users" }).click();
  await app.getByTestId("user-row").filter({ hasText: "ann@shop.example" }).getByRole("link").first().click();
  await app.getByTestId("user-erase").click();
  await app.getByTestId("erase-typed").fill("ann@shop.example");
  await app.getByTestId("erase-confirm").click();
  await app.getByTestId("receipt").waitFor();
  await until("the erasure", Date.now() + 5_000, async () => {
    const { users } = await ask(cairn, `${project}/query`, { users: { limit: 10 } });
    return users.users.every(({ handle }) => handle !== "ann@shop.example");
  });
}

/** The event is defined now, by a class that needs escaping, and reaches back over the clicks. */
async function defineInTheApp() {
  await app.goto(new URL("/define", app.url()).href);
  await app.getByTestId("define-name").fill("Put in cart");
  await app.getByTestId("condition-type").first().selectOption("click");
  await app.getByTestId("condition-selector").first().fill(`.hover\\:bg-amber-600${ADD}`);
  await until("the preview", Date.now() + 5_000, async () => (await settled("preview-count")) === 4);
  assert.equal(await settled("preview-users"), 2);
  await app.getByTestId("define-save").click();
  await app.getByTestId("definition").filter({ hasText: "Put in cart" }).waitFor();
}

async function graphInTheApp() {
  const graph = (measure) => new URL(`/graph?event=Put+in+cart&measure=${measure}&interval=day&days=7`, app.url()).href;
  await app.goto(graph("count"));
  assert.equal(await settled("graph-total"), 4);
  await app.goto(graph("users"));
  assert.equal(await settled("graph-total"), 2);
}

/** Exactly what was done, by two people, and nothing else. */
async function theStoryIsWhole(project) {
  const { events } = await ask(cairn, `${project}/events?limit=200`);
  events.reverse().sort((a, b) => a.time - b.time || (BigInt(a.event_id) < BigInt(b.event_id) ? -1 : 1));
  const did = (type) => events.filter((event) => event.type === type);
  assert.deepEqual(new Set(events.map((event) => event.person)), new Set(["ann@shop.example", "ben@shop.example"]));
  assert.equal(new Set(events.map((event) => event.user_id)).size, 2, "a log-out begins a new user id");
  const pages = did("pageview").map((event) => [event.properties.path.replace(/items\/.*/, "items/*"), event.person[0]]);
  const visited = [["/", "a"], ["/items/*", "a"], ["/", "a"], ["/login", "a"], ["/", "a"], ["/cart", "a"], ["/checkout", "a"]];
  assert.deepEqual(pages.slice(0, visited.length), visited);
  const clicks = did("click").filter((event) => event.properties.target_text === "Add to cart");
  assert.deepEqual(clicks.map((event) => event.person), ["ann@shop.example", "ann@shop.example", "ben@shop.example", "ben@shop.example"]);
  assert.equal(did("submit").length, 3, "the newsletter and two log-ins");
  const orders = did("custom");
  assert.deepEqual(orders.map((event) => [event.properties.name, event.person]), [["Order Placed", "ann@shop.example"]]);
  assert.ok(events.every((event) => event.properties.browser === "Chrome" && event.properties.os === "Linux"), "enriched");
}

test("nothing that was typed is on the disk, also after a restart", async () => {
  await cairn.stop();
  const files = readdirSync(cairn.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 2);
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath ?? file.path, file.name), "latin1");
    for (const [what, typed] of Object.entries(TYPED)) assert.ok(!bytes.includes(typed), `${what} is in ${file.name}`);
  }
  const canary = files.some((file) => readFileSync(join(file.parentPath ?? file.path, file.name), "latin1").includes("add-to-cart"));
  assert.ok(canary, "the search would find what is there");
});
