// One person, from the search to the receipt: found, looked at, one identification revoked, exported, erased.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { event, put, seed, shown } from "./pages.mjs";

const ANN = "ann@shop.example";

let cairn, browser, page, project;

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
  const visit = (user, session, path, more = {}) => event(user, "pageview", { session_id: session, path, title: path, browser: "Firefox", os: "Linux", ...more });
  const buy = (user, session) => event(user, "click", { session_id: session, path: "/cart", target_text: "Buy", chain: "html>body:2/2/1/1>button#buy:1/1/1/1" });
  const many = Array.from({ length: 150 }, (_, at) => visit(10, "long", `/page/${at}`));
  project = await seed(cairn, [
    ...many,
    visit(10, "one", "/"), buy(10, "one"), visit(10, "one", "/thanks"),
    visit(11, "two", "/"), buy(11, "two"),
    visit(20, "three", "/"), visit(30, "four", "/"),
    { type: "identify", user_id: "10", handle: ANN, time: Date.now() },
    { type: "identify", user_id: "11", handle: ANN, time: Date.now() },
    { type: "identify", user_id: "20", handle: "ben@shop.example", time: Date.now() },
    { type: "user_properties", user_id: "10", time: Date.now(), set: { plan: "pro", seats: 3 } },
    { type: "user_properties", user_id: "20", time: Date.now(), set: { plan: "free" } },
  ]);
  await put(cairn, `projects/${project}/definitions/Bought`, { predicate: { all: [{ type: "click" }, { selector: "#buy" }] } });
  await put(cairn, `projects/${project}/lists/Beta`, { users: [{ handle: ANN }] });
  page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })).newPage();
  await page.goto(cairn.signIn);
  await page.waitForURL("**/live*");
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

const total = async (wanted) => {
  const figure = page.locator(`[data-testid=users-total][data-settled=true]`, { hasText: wanted });
  await figure.waitFor({ timeout: 5_000 });
};
const rows = () => page.getByTestId("user-row").allInnerTexts();

async function saved(click) {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: download.suggestedFilename(), content: JSON.parse(readFileSync(await download.path(), "utf8")) };
}

test("users are found by handle, id, property and list, and sorted", async () => {
  await page.getByRole("link", { name: "Users" }).click();
  await total("3 users");
  await page.getByTestId("users-search").fill("30");
  await total("1 user");
  assert.match((await rows())[0], /Anonymous/);
  await page.getByTestId("users-search").fill("");
  await total("3 users");
  await page.getByTestId("users-where").click();
  await page.getByTestId("condition-property").fill("plan");
  await page.getByTestId("condition-value").fill("free");
  await total("1 user");
  assert.match((await rows())[0], /ben@shop\.example/);
  await page.getByRole("button", { name: "Remove condition" }).click();
  await total("3 users");
  await page.getByTestId("users-list").selectOption({ label: "Beta (1)" });
  await total("1 user");
  await page.getByTestId("users-list").selectOption({ label: "Everybody" });
  await total("3 users");
  await page.getByRole("button", { name: "Events", exact: true }).click();
  await page.waitForURL("**sort=events**");
  await total("3 users");
  assert.match((await rows())[0], /ann@shop\.example[\s\S]*155/);
  // The address is the state.
  await page.reload();
  await total("3 users");
  assert.match((await rows())[0], /ann@shop\.example/);
});

test("one user's page shows what is known, and what was done, with the names of what is defined", async () => {
  await page.getByTestId("users-search").fill("ann@");
  await total("1 user");
  await page.getByRole("link", { name: ANN }).click();
  await page.waitForURL(`**/users/${ANN}*`);
  await shown(page);
  assert.equal(await page.locator("h1").innerText(), ANN);
  const side = await page.locator("main").innerText();
  for (const told of ["plan", "pro", "seats", "Beta", "155", "First seen", "Last seen"]) assert.ok(side.includes(told), told);
  assert.deepEqual(await page.getByTestId("user-id").count(), 2);
  await page.locator("[data-testid=live-row]", { hasText: "Bought" }).first().waitFor();
  assert.equal(await page.locator("[data-testid=live-row]").count(), 100, "a page of events");
  await page.getByTestId("stream-more").click();
  await page.getByText("That is everything: 155 events.").waitFor();
  assert.equal(await page.locator("[data-testid=live-row]").count(), 155);
  assert.equal(await page.getByTestId("session").count(), 3);
  await page.getByTestId("stream-event").selectOption({ label: "Bought" });
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=live-row]").length === 2);
});

test("an identification is revoked, and the user id is a user of its own", async () => {
  await page.getByTestId("user-id").filter({ hasText: /^11/ }).getByTestId("user-revoke").click();
  await page.getByTestId("revoke-confirm").click();
  await page.getByTestId("revoked").getByText("The user id 11 is a user of its own again.").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=user-id]").length === 1);
  const { person } = await ask(cairn, `projects/${project}/person?user_id=11`);
  assert.deepEqual([person.handle, person.user_ids], [null, ["11"]]);
  await page.getByTestId("revoked").getByRole("link").click();
  await page.waitForURL("**/users/11?*");
  await page.getByText("Was ann@shop.example; revoked").waitFor();
  await page.goBack();
  await page.waitForURL(`**/users/${ANN}*`);
  await shown(page);
});

test("another project has other people, so its list is shown", async () => {
  const other = await ask(cairn, "projects", { name: "Other", zone: "UTC" });
  await page.reload();
  await shown(page);
  const switchTo = async (from, to) => {
    await page.getByRole("button", { name: `Project: ${from}. Switch project` }).click();
    await page.getByRole("menuitem", { name: to }).click();
  };
  const { projects } = await ask(cairn, "projects");
  await switchTo(projects[0].name, "Other");
  await page.waitForURL(`**/users?*project=${other.id}*`);
  await page.getByText("No users yet").waitFor();
  await switchTo("Other", projects[0].name);
  await total("4 users");
  await page.goto(`${cairn.url}/users/${ANN}?project=${project}`);
  await shown(page);
});

test("everything about a person is one file", async () => {
  const { name, content } = await saved(() => page.getByTestId("user-export").click());
  assert.equal(name, "person-ann-shop.example.json");
  assert.deepEqual([content.person.handle, content.person.user_ids, content.lists, content.complete], [ANN, ["10"], ["Beta"], true]);
  assert.deepEqual([content.events.length, content.person.properties], [153, { plan: "pro", seats: 3 }]);
});

test("a person is erased once that was typed, and the receipt is kept", async () => {
  const state = { where: JSON.stringify({ user: "handle", is: ANN }) };
  await ask(cairn, `projects/${project}/reports`, { name: "What Ann did", kind: "graph", state });
  await page.getByTestId("user-erase").click();
  await page.getByText("153 events will be erased.").waitFor();
  assert.ok(await page.getByTestId("erase-confirm").isDisabled());
  await page.getByTestId("erase-typed").fill("ann@shop.exampl");
  assert.ok(await page.getByTestId("erase-confirm").isDisabled());
  await page.getByTestId("erase-typed").fill(ANN);
  await page.getByTestId("erase-confirm").click();
  await page.getByTestId("receipt").waitFor();
  await page.getByTestId("receipt-mentions").getByText("report What Ann did").waitFor();
  const { name, content } = await saved(() => page.getByTestId("receipt-save").click());
  assert.deepEqual(content.still_named_by, { reports: ["What Ann did"], dashboards: [], definitions: [], lists: [] });
  assert.match(name, /^erasure-ann-shop\.example-\d+\.json$/);
  assert.deepEqual([content.handle, content.user_ids, content.events, content.lists, content.files_cleared], [ANN, ["10"], 153, 1, false]);
  await page.getByTestId("receipt-done").click();
  await page.waitForURL("**/users?*");
  await total("3 users");
  assert.ok((await rows()).every((row) => !row.includes("ann@")), "ben, and the two that are nobody's");
  const gone = await fetch(`${cairn.url}/api/projects/${project}/person?handle=${ANN}`, { headers: { authorization: `Bearer ${cairn.token}` } });
  assert.equal(gone.status, 404);
  const { erased, stored } = await ask(cairn, `projects/${project}/ledger`);
  assert.deepEqual([erased, stored], [153, 4]);
});
