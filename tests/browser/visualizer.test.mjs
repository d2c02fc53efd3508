// The visualizer on live pages: from the app to the site, to a definition, to its graph; under a policy that allows the snippet alone, in
// shadow trees, in a single-page app, over hostile text.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { policyFor, startSite } from "./site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWPORT = { width: 1280, height: 900 };
/** A headless browser names itself one, and so counts as a bot; these visitors are people. */
const PERSON = { viewport: VIEWPORT, userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36" };
const ADD = "[data-testid=add-to-cart]";
/** The limit for the way from the app to the graph. */
const INTERACTIONS_MAX = 8;
/** From the pointer to the counts: 60 ms of rest, the answer, and what drives the browser. On a busy machine more than it should be. */
const HOVER_MS = 500;
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

/** A button in a shadow tree, one with a picture in it and utility classes, and texts that would run if they were markup. */
const ODD = `<!doctype html><html lang="en"><head><title>${HOSTILE.replaceAll("<", "&lt;")}</title></head><body>
  <my-box></my-box>
  <button class="md:w-1/2 hover:bg-[#fff] -mt-2 css-1x2y3z4" title='"] , * [x="'><svg viewBox="0 0 10 10" width="40" height="40"><circle cx="5" cy="5" r="5"></circle></svg><span>Tailwind</span></button>
  <button id="hostile" aria-label="${HOSTILE.replaceAll('"', "&quot;")}">${HOSTILE.replaceAll("<", "&lt;")}</button>
  <a id="script" href="javascript:window.hacked=1">run</a>
  <div data-cairn-ignore><button id="private">Private</button></div>
  <script src="/odd.js"></script></body></html>`;
const ODD_JS = `const root = document.querySelector("my-box").attachShadow({ mode: "open" });
  root.innerHTML = '<div class="inner"><button class="go">In the shadow</button><button class="go">Second</button></div>';`;

let cairn, browser, shop, odd, strict, project, app;
const problems = [];

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
  const { projects } = await ask(cairn, "projects");
  project = projects[0];
  const site = { cairn: cairn.url, key: project.write_key, policy: policyFor(cairn.url) };
  shop = await startSite({ ...site, folder: new URL("../../shop", import.meta.url).pathname });
  odd = await startSite({ ...site, policy: undefined, folder: null, pages: { "/odd": ODD.replace('<script src="/odd.js"></script>', `<script>${ODD_JS}</script>`) } });
  // This policy forgets where the snippet sends to.
  strict = await startSite({ ...site, policy: site.policy.replace(/connect-src [^;]+/, "connect-src 'self'"), folder: new URL("../../shop", import.meta.url).pathname });
  await visits();
  app = await watched(await browser.newContext({ viewport: VIEWPORT }));
  await app.goto(cairn.signIn);
  await app.waitForURL("**/live*");
});

after(async () => {
  await browser?.close();
  for (const site of [shop, odd, strict]) site?.stop();
  await cairn?.stop();
  cairn?.remove();
});

/** A page whose errors, and those of the pages that it opens, fail the test that is running. */
async function watched(context) {
  context.on("weberror", (error) => problems.push(String(error.error())));
  context.on("console", (message) => message.type() === "error" && problems.push(`${message.page()?.url()}: ${message.text()}`));
  return context.newPage();
}

/** Three people look at the shop; two of them put something into the cart, one of these twice. Two use the odd page. */
async function visits() {
  for (const clicks of [2, 1, 0]) {
    const page = await (await browser.newContext(PERSON)).newPage();
    await page.goto(shop.origin);
    await page.waitForFunction(() => window.cairn?.version);
    for (let n = 0; n < clicks; n++) await page.click(`#products li:nth-child(${n + 1}) ${ADD}`);
    await page.click('nav[aria-label=Footer] a[href="/login"]');
    await page.close();
  }
  for (let n = 0; n < 2; n++) {
    const page = await (await browser.newContext(PERSON)).newPage();
    await page.goto(`${odd.origin}/odd`);
    await page.waitForFunction(() => window.cairn?.version);
    await page.click("text=In the shadow");
    await page.click(n === 0 ? "circle" : "text=Tailwind");
    await page.click("#hostile");
    await page.close();
  }
  await until(async () => (await ask(cairn, `projects/${project.id}/preview`, { predicate: { type: "click" }, days: 1 })).count === 12);
}

async function until(look) {
  for (const end = Date.now() + 10_000; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`${look} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const events = async () => (await ask(cairn, `projects/${project.id}/ledger`)).accepted;
const card = (page) => page.getByTestId("card");
const stats = async (page) => {
  const found = page.locator("[data-testid=stats][aria-busy=false][data-users]");
  await found.waitFor();
  return { count: Number(await found.getAttribute("data-count")), users: Number(await found.getAttribute("data-users")) };
};

/** A page with the visualizer on it. */
async function visualize(url) {
  const { ticket } = await ask(cairn, `projects/${project.id}/visualizer`, { origin: new URL(url).origin, app: cairn.url });
  const page = await watched(await browser.newContext(PERSON));
  await page.goto(`${url}#cairn-visualizer=${ticket}`);
  return page;
}

function assertNoProblems() {
  assert.deepEqual(problems.splice(0), []);
}

/** What axe holds against the overlay, as far as it keeps people out. It looks into open shadow trees. */
async function axeFindings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run("cairn-visualizer", { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} ${failureSummary}`).join("; ")}`);
}

const shots = new URL("screenshots/", import.meta.url).pathname;
async function screenshot(page, name) {
  mkdirSync(shots, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${shots}visualizer-${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: null });
}

test("from the app to a definition and its graph in eight interactions at most", async () => {
  const before = await events();
  let interactions = 0;
  const act = (done) => (interactions++, done);

  await act(app.click("nav >> text=Visualizer"));
  await act(app.getByTestId("site-address").fill(`${shop.origin}/`));
  const [page] = await Promise.all([app.waitForEvent("popup"), act(app.getByTestId("open-site").click())]);
  await page.getByTestId("bar").waitFor();
  assert.equal(page.url(), `${shop.origin}/`, "the ticket does not stay in the address");
  await app.getByTestId("visualizer-open").waitFor();
  await screenshot(app, "page");

  const button = page.locator(`#products li:nth-child(1) ${ADD}`);
  await button.hover();
  const started = Date.now();
  const hover = page.getByTestId("hover-count");
  await hover.waitFor();
  assert.ok(Date.now() - started < HOVER_MS, `${Date.now() - started} ms`);
  assert.equal(await hover.textContent(), "2 users · 67% of visitors");
  await screenshot(page, "hover");

  await act(button.click());
  await card(page).waitFor();
  assert.deepEqual(await stats(page), { count: 3, users: 2 });
  assert.equal(await page.getByTestId("share").textContent(), "67% of this page’s visitors");
  assert.match(await page.getByTestId("outlined").textContent(), /^12 elements/);
  assert.equal(await page.getByTestId("latest").locator("li").count(), 3);
  assert.equal(await page.getByTestId("name").inputValue(), "Click Add to cart");
  assert.equal(await page.locator(".count").count(), 0, "the click did not reach the shop");
  await screenshot(page, "card");
  for (const part of await page.locator("cairn-visualizer summary").all()) await part.click();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axeFindings(page), [], colorScheme);
  }
  await page.emulateMedia({ colorScheme: null });

  await act(page.getByTestId("define").click());
  await page.getByTestId("see-graph").waitFor();
  const badge = page.locator("cairn-visualizer .badge", { hasText: "Click Add to cart" });
  await until(async () => (await badge.count()) >= 3);
  await screenshot(page, "defined");

  const [graph] = await Promise.all([page.waitForEvent("popup"), act(page.getByTestId("see-graph").click())]);
  const { definitions } = await ask(cairn, `projects/${project.id}/definitions`);
  const defined = definitions.find(({ name }) => name === "Click Add to cart");
  assert.deepEqual(defined.predicate, { all: [{ type: "click" }, { selector: '[data-testid="add-to-cart"]' }] });
  const preview = await ask(cairn, `projects/${project.id}/preview`, { predicate: defined.predicate });
  assert.deepEqual([preview.count, preview.users], [3, 2], "the card counts what the app counts");
  const total = graph.locator("[data-settled=true] [data-testid=graph-total]");
  assert.equal((await total.textContent()).replaceAll(/\D/g, ""), "3");

  assert.ok(interactions <= INTERACTIONS_MAX, `${interactions}`);
  assert.equal(await events(), before, "nothing that the analyst did is an event");
  assertNoProblems();
  await page.close();
});

test("conditions narrow what is counted, and a name is not taken twice", async () => {
  const page = await visualize(`${shop.origin}/`);
  await page.locator(`#products li:nth-child(2) ${ADD}`).click();
  assert.deepEqual(await stats(page), { count: 3, users: 2 });
  await page.getByTestId("position").check();
  await until(async () => (await stats(page)).count === 1);
  assert.match(await page.getByTestId("outlined").textContent(), /^1 element /);
  await page.getByTestId("position").uncheck();
  await page.getByTestId("text-is").check();
  await page.getByTestId("limit-page").check();
  await until(async () => (await stats(page)).count === 3);
  await page.getByTestId("ignore-containers").uncheck();
  await page.getByTestId("containers").getByText("li.card").waitFor();
  await page.getByTestId("selector-part").locator("summary").click();
  const selector = page.getByTestId("selector");
  await selector.fill("main a:hover");
  assert.equal(await selector.getAttribute("aria-invalid"), "true");
  assert.ok(await page.getByTestId("define").isDisabled());
  await selector.fill(`#products li:nth-child(-n+2) ${ADD}`);
  await until(async () => /^2 elements/.test(await page.getByTestId("outlined").textContent()));
  await page.getByTestId("overlap").getByText("Click Add to cart").waitFor();
  await screenshot(page, "conditions");
  await page.getByTestId("name").fill("Click Add to cart");
  await page.getByTestId("define").click();
  await page.getByRole("alert").getByText("already").waitFor();
  assertNoProblems();
  await page.close();
});

test("it stays through navigation of the app and of the browser, until it is left", async () => {
  const before = await events();
  const page = await visualize(`${shop.origin}/`);
  await page.getByTestId("bar").waitFor();
  await page.locator('nav[aria-label=Footer] a[href="/login"]').click();
  await card(page).waitFor();
  assert.equal(page.url(), `${shop.origin}/`, "a link is picked, not followed");
  await page.keyboard.press("Escape");
  await card(page).waitFor({ state: "detached" });

  await page.getByTestId("mode-browse").click();
  await page.locator('nav[aria-label=Footer] a[href="/login"]').click();
  await page.waitForURL("**/login");
  await page.getByTestId("mode-select").click();
  await page.locator("#login-submit").click();
  await page.getByTestId("limit-page").check();
  await page.getByTestId("card").getByText("/login", { exact: true }).waitFor();
  // Tab stays in the card.
  for (let n = 0; n < 60; n++) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.localName), "cairn-visualizer");
  assert.ok(await page.evaluate(() => !!document.activeElement.shadowRoot.activeElement.closest("[role=dialog]")));
  // The shop's own keys are not pressed by what is typed here.
  await page.evaluate(() => document.addEventListener("keydown", () => (window.heard = true), true));
  await page.getByTestId("name").fill("x");
  await page.keyboard.type("abc");
  assert.equal(await page.evaluate(() => window.heard), undefined);

  await page.reload();
  await page.getByTestId("bar").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("bar").waitFor({ state: "detached" });
  assert.equal(await events(), before, "nothing was recorded meanwhile");
  await page.reload();
  await page.waitForFunction(() => window.cairn?.version);
  await until(async () => (await events()) > before);
  assert.equal(await page.locator("cairn-visualizer").count(), 0);
  assertNoProblems();
  await page.close();
});

test("shadow trees, utility classes and pictures in buttons", async () => {
  const page = await visualize(`${odd.origin}/odd`);
  await page.getByTestId("bar").waitFor();
  await page.click("text=In the shadow");
  assert.deepEqual(await stats(page), { count: 2, users: 2 });
  await page.getByTestId("more").locator("summary").click();
  const value = () => page.getByTestId("selector").inputValue();
  assert.match(await value(), /^button\.go$|^my-box .*button\.go$/);
  assert.match(await page.getByTestId("outlined").textContent(), /^1 element /, "by its text");
  await page.getByTestId("text-any").check();
  await until(async () => /^2 elements/.test(await page.getByTestId("outlined").textContent()));
  await page.keyboard.press("Escape");

  await page.click("circle");
  assert.match(await page.getByTestId("element").locator("[aria-current]").textContent(), /^button/, "the button is meant, not the picture");
  await page.getByTestId("text-any").check().catch(() => undefined);
  await until(async () => (await stats(page)).count === 2);
  assert.ok(!(await value()).includes("css-1x2y3z4") && !(await value()).includes("md"), await value());
  await page.locator(".chip", { hasText: "hover" }).click();
  await page.locator(".chip", { hasText: "md" }).click();
  await until(async () => (await value()).includes(String.raw`.hover\:bg-\[\#fff\]`) && (await value()).includes(String.raw`.md\:w-1\/2`));
  await until(async () => (await stats(page)).count === 2);
  await page.keyboard.press("Escape");

  await page.hover("#private");
  await page.locator(".tip", { hasText: "left out" }).waitFor();
  await page.click("#private");
  assert.equal(await card(page).count(), 0);
  assertNoProblems();
  await page.close();
});

test("hostile text is text", async () => {
  const predicate = { all: [{ type: "click" }, { selector: "#hostile" }] };
  const name = encodeURIComponent(HOSTILE);
  const put = await fetch(`${cairn.url}/api/projects/${project.id}/definitions/${name}`, { method: "PUT", headers: { authorization: `Bearer ${cairn.token}` }, body: JSON.stringify({ predicate }) });
  assert.equal(put.status, 200);
  const page = await visualize(`${odd.origin}/odd`);
  await page.getByTestId("badges").click();
  await page.locator(".badge", { hasText: "onerror" }).waitFor();
  await page.hover("#hostile");
  await page.getByTestId("hover-count").waitFor();
  await page.click("#hostile");
  assert.deepEqual(await stats(page), { count: 2, users: 2 });
  await page.getByTestId("overlap").getByText("onerror").waitFor();
  await page.getByTestId("text-is").check();
  await page.getByTestId("more").locator("summary").click();
  await page.getByTestId("selector-part").locator("summary").click();
  await screenshot(page, "hostile");
  await page.getByTestId("name").fill(`${HOSTILE} 2`);
  await page.getByTestId("define").click();
  const graph = page.getByTestId("see-graph");
  await graph.waitFor();
  assert.match(await graph.getAttribute("href"), /^http:\/\/127\.0\.0\.1:\d+\/graph\?/);
  await page.click("#script");
  await card(page).waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  const inside = await page.evaluate(() => document.querySelector("cairn-visualizer").shadowRoot.querySelectorAll("img, script, iframe, [style*=url]").length);
  assert.equal(inside, 0);
  assertNoProblems();
  await page.close();
});

test("it can be ended from the app, and says so", async () => {
  const page = await visualize(`${shop.origin}/`);
  await page.getByTestId("bar").waitFor();
  await app.goto(`${cairn.url}/visualizer`);
  await app.getByText(`used on ${shop.origin}`).waitFor();
  await app.getByRole("button", { name: "End all" }).click();
  await app.getByText(`used on ${shop.origin}`).waitFor({ state: "detached" });
  problems.length = 0;
  await page.locator(`#products li:nth-child(1) ${ADD}`).hover();
  await page.getByTestId("problem").getByText("lasts an hour").waitFor();
  assert.equal(await page.getByTestId("bar").count(), 0);
  assert.equal(await page.evaluate(() => "cairn-visualizer" in sessionStorage), false);
  // The browser tells of each request that it did not let through.
  assert.ok(problems.splice(0).every((problem) => /CORS|Failed to load|403|401/.test(problem)));
  await page.close();
});

test("what is wrong is said where it can be: a used link, and a policy without connect-src", async () => {
  const { ticket } = await ask(cairn, `projects/${project.id}/visualizer`, { origin: shop.origin, app: cairn.url });
  const opened = `${shop.origin}/#cairn-visualizer=${ticket}`;
  const first = await (await browser.newContext(PERSON)).newPage();
  await first.goto(opened);
  await first.getByTestId("bar").waitFor();
  const second = await (await browser.newContext(PERSON)).newPage();
  await second.goto(opened);
  await second.getByTestId("problem").getByText("a link opens it once").waitFor();
  await second.getByTestId("problem").locator("button").click();
  await second.getByTestId("problem").waitFor({ state: "detached" });

  // A token in the hands of another site of the same browser is none.
  const token = await first.evaluate(() => JSON.parse(sessionStorage["cairn-visualizer"]).token);
  const elsewhere = await (await browser.newContext(PERSON)).newPage();
  await elsewhere.goto(`${odd.origin}/odd`);
  const answer = await elsewhere.evaluate(
    ([url, token]) => fetch(`${url}/api/visualizer/definitions`, { headers: { authorization: `Bearer ${token}` } }).then((got) => got.status, () => "refused"),
    [cairn.url, token],
  );
  assert.equal(answer, "refused");

  const { ticket: other } = await ask(cairn, `projects/${project.id}/visualizer`, { origin: strict.origin, app: cairn.url });
  const third = await (await browser.newContext(PERSON)).newPage();
  await third.goto(`${strict.origin}/#cairn-visualizer=${other}`);
  await third.getByTestId("problem").getByText(`connect-src needs ${cairn.url}`).waitFor();
  await screenshot(third, "unreachable");
});
