// Captured text is hostile: whatever stands in it, on no page does any of it run, and the policy has nothing to forbid.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { dashboard, event, pages, put, seed, shown } from "./pages.mjs";

/** Each would set the mark, or show a dialog, where it is taken for more than text. */
const PAYLOADS = [
  `<script>window.__ran=1</script>`,
  `"><img src=x onerror="window.__ran=2">`,
  `'><svg onload='window.__ran=3'>`,
  `</title></textarea></style><script>alert(4)</script>`,
  `<iframe srcdoc="<script>parent.__ran=5</script>"></iframe>`,
  `javascript:window.__ran=6`,
  `data:text/html,<script>alert(7)</script>`,
  `<a href="javascript:window.__ran=8">{a|b}</a>`,
  "{{constructor.constructor('window.__ran=9')()}}${window.__ran=9}",
  `<style>*{background:url(javascript:alert(10))}</style>`,
];
/** Part of the first: where it is seen, hostile text has come that far. */
const SEEN = "<script>window.__ran=1</script>";

let cairn, browser, page, project;
const ran = [];

/** Every field that capture takes, with one payload in all of them. */
function everywhere(payload, user) {
  const escaped = payload.replace(/[>#.[\]=:\\]/g, "\\$&");
  // A class has no white space.
  const chain = `html>body:2/2/1/1>a#${escaped}.${escaped.replace(/\s/g, "")}[href=${escaped}][data-testid=${escaped}]:1/1/1/1`;
  const page = { session_id: payload, domain: payload, path: payload, query: payload, title: payload, referrer: payload, language: payload };
  const campaign = { utm_source: payload, utm_medium: payload, utm_campaign: payload, utm_term: payload, utm_content: payload };
  const own = { [payload]: payload, [`list ${payload}`]: [payload, payload], nested: { [payload]: payload } };
  const target = { target_tag: payload, target_id: payload, target_text: payload, href: payload, chain };
  const time = Date.now() - 1_000;
  return [
    event(user, "session", { ...page, ...campaign }),
    event(user, "pageview", { ...page, ...own }),
    ...["click", "change", "submit"].map((type) => event(user, type, { ...page, ...target, ...own })),
    event(user, "custom", { ...page, ...own, amount: 1 }, { name: payload }),
    { type: "identify", user_id: String(user), handle: payload, time },
    { type: "user_properties", user_id: String(user), time, set: { [payload]: payload, plan: payload }, set_once: { initial_referrer: payload } },
  ];
}

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
  project = await seed(cairn, PAYLOADS.flatMap((payload, at) => everywhere(payload, at + 1)));
  for (const payload of PAYLOADS) {
    const name = encodeURIComponent(payload);
    await put(cairn, `projects/${project}/definitions/${name}`, { predicate: { all: [{ type: "click" }, { property: payload, is: payload }] } });
    await put(cairn, `projects/${project}/lists/${name}`, { users: [{ handle: payload }] });
  }
  await dashboard(cairn, project, PAYLOADS[0], PAYLOADS);
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, sample }) =>
      (globalThis.__forbidden ??= []).push(`${violatedDirective} ${blockedURI} ${sourceFile} ${sample}`));
  });
  page = await context.newPage();
  page.on("dialog", (dialog) => {
    ran.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) ran.push(message.text());
  });
  await page.goto(cairn.signIn);
  await page.waitForURL("**/live*");
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

/** Opens whatever the page keeps folded, so that what is in there is shown, too. */
async function openAll() {
  const folded = "main [aria-expanded=false]:not([role=combobox]):not([aria-haspopup]), main details:not([open]) > summary";
  await page.evaluate((selector) => document.querySelectorAll(selector).forEach((element) => element.click()), folded);
  await page.waitForTimeout(100);
}

async function nothingRan(where) {
  const told = await page.evaluate(() => ({ mark: globalThis.__ran, forbidden: globalThis.__forbidden ?? [] }));
  assert.deepEqual([told.mark, told.forbidden, ran], [undefined, [], []], where);
  const links = await page.evaluate(() => [...document.querySelectorAll("a, area, form, iframe, img, object, embed")].flatMap((element) =>
    ["href", "src", "action", "data", "srcdoc"].map((name) => element.getAttribute(name)).filter((value) => value !== null)));
  assert.deepEqual(links.filter((link) => /^\s*(javascript|data|vbscript):|<script/i.test(link)), [], where);
}

test("no page runs what was captured", async () => {
  const met = new Set();
  for (const path of await pages(cairn, project)) {
    await page.goto(`${cairn.url}${path}${path.includes("?") ? "&" : "?"}project=${project}`);
    await shown(page);
    await openAll();
    if ((await page.locator("body").innerText()).includes(SEEN)) met.add(path.split("?")[0].split("/")[1]);
    await nothingRan(path);
  }
  // Not because nothing was there.
  for (const of of ["live", "define", "graph", "users"]) assert.ok(met.has(of), `hostile text was never seen on a page of /${of}`);
});

test("handles lead to their own pages, whatever is in them", async () => {
  const { users } = await ask(cairn, `projects/${project}/query`, { users: { sort: { by: "handle" } } });
  assert.deepEqual(users.users.map((user) => user.handle), [...PAYLOADS].sort());
  await page.goto(`${cairn.url}/users?project=${project}&sort=handle&dir=asc`);
  await shown(page);
  for (const at of PAYLOADS.keys()) {
    const link = page.getByTestId("user-row").nth(at).getByRole("link");
    const handle = await link.innerText();
    await link.click();
    await page.waitForURL("**/users/*");
    await shown(page);
    assert.equal(await page.locator("h1").innerText(), handle);
    await page.reload();
    await shown(page);
    assert.equal(await page.locator("h1").innerText(), handle);
    await nothingRan(handle);
    await page.goto(`${cairn.url}/users?project=${project}&sort=handle&dir=asc`);
    await shown(page);
  }
});

test("what would run is noticed, and kept from it", async () => {
  await page.goto(`${cairn.url}/install?project=${project}`);
  await shown(page);
  await page.evaluate(() => {
    const box = document.createElement("div");
    document.body.append(box);
    box.innerHTML = `<img src=x onerror="window.__ran=1"><p style="color:red">`;
    const script = document.createElement("script");
    script.textContent = "window.__ran=2";
    document.body.append(script);
  });
  await page.waitForFunction(() => (globalThis.__forbidden ?? []).length >= 3);
  assert.equal(await page.evaluate(() => globalThis.__ran), undefined);
  assert.ok(ran.length > 0);
  const policy = (await page.request.get(cairn.url)).headers()["content-security-policy"];
  assert.ok(!policy.includes("unsafe"), policy);
});
