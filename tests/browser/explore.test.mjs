// Paths, pivots, activity and segments against the demo's history: what the pages show is what the API says, and every number opens its people.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { ask, startDemo } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { put } from "./pages.mjs";

const DAY_MS = 86_400_000;

let cairn, browser, page, project;
const problems = [];

before(async () => {
  cairn = await startDemo();
  browser = await launchChromium();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 }, acceptDownloads: true })).newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(cairn.signIn);
  await page.waitForURL("**/live*");
  ({ projects: [{ id: project }] } = await ask(cairn, "projects"));
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

const query = (body) => ask(cairn, `projects/${project}/query`, body);
const digits = (text) => Number(text.replaceAll(/[^\d.-]/g, ""));
const settled = () => page.locator("[data-testid=report-answer][data-settled=true]").waitFor({ timeout: 10_000 });
const open = (name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();

/** The last days, today included, as the demo's zone has them. */
function lastDays(days) {
  const date = (ms) => new Date(ms).toISOString().slice(0, 10);
  return { from: date(Date.now() - (days - 1) * DAY_MS), to: date(Date.now() + DAY_MS) };
}

async function choose(field, name) {
  await field.click();
  await page.getByRole("option", { name, exact: true }).click();
}

/** What a place shows once it is `wanted`, or what it shows instead. */
async function shows(locator, wanted) {
  for (let waited = 0; ; waited += 50) {
    await settled();
    const seen = digits(await locator.innerText());
    if (seen === wanted) return;
    if (waited > 5_000) assert.equal(seen, wanted);
    await page.waitForTimeout(50);
  }
}

/** The list of people behind a number, and the way back. */
async function opens(button, wanted) {
  await button.click();
  const total = page.getByTestId("people-total");
  await total.waitFor();
  assert.equal(digits(await total.innerText()), wanted);
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByTestId("people").waitFor({ state: "detached" });
}

async function saved(testid) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testid).click()]);
  return readFileSync(await download.path());
}

const row = (label) => page.getByTestId("table-row").filter({ has: page.getByRole("rowheader", { name: label, exact: true }) });

test("paths: where sessions go, as a flow and in numbers", async () => {
  await open("Paths");
  await page.waitForURL("**/paths?*");
  await settled();
  const asked = (more) => ({ paths: { depth: 4, collapse: true, top: 5, ...lastDays(30), ...more } });
  const { paths } = await query(asked());
  await shows(page.getByTestId("paths-sessions"), paths.sessions);
  await page.locator("canvas").waitFor();
  const rows = page.getByTestId("table-row");
  assert.equal(await rows.count(), paths.levels.reduce((sum, { nodes }) => sum + nodes.length, 0));
  const figures = await rows.evaluateAll((all) => all.map((one) => [...one.querySelectorAll("td")].map((td) => td.textContent.replaceAll(",", ""))));
  const wanted = paths.levels.flatMap(({ nodes }) => nodes.map(({ count, exit, beyond }) => [count, exit, beyond].map(String)));
  assert.deepEqual(figures.map(([count, , exit, beyond]) => [count, exit, beyond]), wanted);

  const people = async (cell) => (await query({ people: { of: asked(), cell, limit: 1 } })).users.total;
  const start = row(`Start: ${paths.levels[0].nodes[0].node.path}`).getByRole("button");
  await opens(start.first(), await people({ at: 0, node: 0 }));
  await opens(start.nth(1), await people({ at: 0, node: 0, who: "exit" }));
  await page.getByTestId("paths-links").click();
  const [link] = paths.levels[0].nodes[0].next;
  const [from, to] = [paths.levels[0].nodes[0], paths.levels[1].nodes[link.to]].map(({ node }) => node.path ?? node);
  await opens(row(`${from} → ${to}`).first().getByRole("button"), await people({ at: 0, node: 0, to: link.to }));

  // Back from an order, and the address is the state.
  await page.getByTestId("paths-direction").selectOption("to");
  await choose(page.getByTestId("paths-anchor"), "Confirm order");
  const back = (await query(asked({ end: "Confirm order" }))).paths;
  assert.ok(back.sessions > 0 && back.sessions < paths.sessions);
  await shows(page.getByTestId("paths-sessions"), back.sessions);
  await page.reload();
  await shows(page.getByTestId("paths-sessions"), back.sessions);
  assert.match((await saved("report-csv")).toString("utf8"), /Sessions,Share,/);
  assert.deepEqual([...(await saved("report-png")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

test("the flow's nodes open their people, too", async () => {
  await page.goto(`${cairn.url}/paths?project=${project}&depth=1&top=5`);
  await settled();
  const { paths } = await query({ paths: { depth: 1, collapse: true, top: 5, ...lastDays(30) } });
  const box = await page.locator("canvas").first().boundingBox();
  await page.waitForTimeout(600);
  // The first node is the largest, at the left edge.
  await page.mouse.click(box.x + 10, box.y + box.height * 0.3);
  await page.getByTestId("people-total").waitFor();
  const title = await page.getByRole("dialog").getByRole("heading").innerText();
  assert.equal(title.replaceAll(",", ""), `Start: ${paths.levels[0].nodes[0].node.path}: ${paths.levels[0].nodes[0].count}`);
  await page.getByRole("button", { name: "Close", exact: true }).click();
});

test("a pivot has rows, columns and totals, of which each opens its people", async () => {
  await open("Pivot");
  await page.waitForURL("**/pivot?*");
  await settled();
  await choose(page.getByTestId("pivot-event"), "Viewed item");
  await page.getByTestId("graph-measure").selectOption("users");
  const ask_ = (keys) => query({ graph: { event: "Viewed item", measure: "users", interval: "whole", top: 1000, group_by: keys.map((event) => ({ event })), ...lastDays(30) } });
  const [both, browsers, devices] = await Promise.all([["browser", "device"], ["browser"], ["device"]].map(ask_));
  await shows(page.getByTestId("pivot-total"), both.graph.total.total);
  const [{ group: [browser_] }] = browsers.graph.series;
  const columns = devices.graph.series.map(({ group: [device] }) => device);
  assert.deepEqual((await page.getByRole("columnheader").allInnerTexts()).slice(2), columns);
  const cells = row(browser_).getByRole("cell");
  await shows(cells.first(), browsers.graph.series[0].total);
  for (const [at, device] of columns.entries()) {
    const found = both.graph.series.find(({ group }) => group?.[0] === browser_ && group[1] === device);
    if (found) assert.equal(digits(await cells.nth(at + 1).innerText()), found.total);
  }
  await opens(cells.nth(1).getByRole("button"), both.graph.series.find(({ group }) => group?.[0] === browser_ && group[1] === columns[0]).total);
  await opens(cells.first().getByRole("button"), browsers.graph.series[0].total);
  await opens(row("Total").getByRole("cell").nth(1).getByRole("button"), devices.graph.series[0].total);
  await page.getByText("a user can be in several cells").waitFor();
  await page.getByTestId("graph-measure").selectOption("count");
  await page.getByTestId("pivot-show").getByText("% of row", { exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=table-row]")[0]?.querySelectorAll("td")[1]?.textContent.endsWith("%"));
  await settled();
  const shares = (await page.getByTestId("table-row").first().getByRole("cell").allInnerTexts()).slice(1).map((text) => Number.parseFloat(text));
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.5, `${shares}`);
  await page.goBack();
  await page.goBack();
  assert.deepEqual([...(await saved("report-png")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  await choose(page.getByTestId("pivot-row"), "plan");
  await settled();
  await page.goBack();
  await shows(cells.first(), browsers.graph.series[0].total);
});

test("activity: on how many days, and who comes, stays and goes", async () => {
  await open("Activity");
  await page.waitForURL("**/activity?*");
  await settled();
  await choose(page.getByTestId("activity-event"), "Add to cart");
  const { stickiness } = await query({ stickiness: { event: "Add to cart", interval: "week", ...lastDays(60) } });
  const second = page.getByTestId("table-row").nth(1).getByRole("cell");
  await shows(second.first(), stickiness.intervals[1].users);
  await second.nth(1).hover();
  assert.match(await page.getByTestId("table-note").innerText(), /did it on exactly 1 day\.$/);
  await opens(second.first().getByRole("button"), stickiness.intervals[1].users);
  await opens(second.nth(1).getByRole("button"), stickiness.intervals[1].days[0]);
  await page.getByTestId("activity-view").getByText("Lifecycle", { exact: true }).click();
  await page.getByTestId("report-answer").getByRole("listitem").filter({ hasText: /^Dormant$/ }).waitFor();
  const { lifecycle } = await query({ lifecycle: { event: "Add to cart", interval: "week", ...lastDays(60) } });
  for (const [at, who] of ["new", "returning", "resurrecting", "dormant"].entries()) {
    const cell = page.getByTestId("table-row").nth(at).getByRole("cell").nth(3);
    await shows(cell, lifecycle.intervals[3][who]);
    await opens(cell.getByRole("button"), lifecycle.intervals[3][who]);
  }
});

const SEGMENT = { all: [{ did: "Viewed item", more_than: 4, in: "30d" }, { not: { did: "Confirm order", in: "30d" } }] };

test("a segment is put together in words, counted and listed, and narrows a report", async () => {
  await open("Segments");
  await page.waitForURL("**/segments*");
  const total = page.getByTestId("segment-total");
  await shows(total, (await query({ users: { limit: 1 } })).users.total);
  await page.getByTestId("segment-add").click();
  await choose(page.getByTestId("segment-event"), "Viewed item");
  await page.getByTestId("segment-count").selectOption("more_than");
  await page.getByTestId("segment-n").fill("4");
  await page.getByTestId("segment-add").click();
  await page.getByTestId("segment-not").nth(1).selectOption("not");
  await choose(page.getByTestId("segment-event").nth(1), "Confirm order");
  const { users } = await query({ users: { segment: SEGMENT, limit: 50 } });
  assert.ok(users.total > 50);
  await shows(total, users.total);
  assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get("who")), SEGMENT);
  assert.equal(await page.getByTestId("segment-person").count(), 50);
  await page.reload();
  await shows(total, users.total);
  assert.equal(await page.getByTestId("segment-n").first().inputValue(), "4");
  const csv = (await saved("segment-csv")).toString("utf8").trimEnd().split("\r\n");
  assert.equal(csv.length, users.total + 1, "all of them, not one page");
  await page.getByTestId("segment-users").click();
  const listed = page.getByTestId("users-total");
  await listed.waitFor();
  assert.equal(digits(await listed.innerText()), users.total);
  await page.goBack();
  await page.getByTestId("segment-graph").click();
  await page.waitForURL("**/graph?*");
  assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get("who")), SEGMENT);

  await page.goto(`${cairn.url}/graph?project=${project}&event=Add+to+cart&measure=users&days=30`);
  await page.getByTestId("report-segment-open").click();
  const dialog = page.getByRole("dialog");
  await choose(dialog.getByTestId("segment-event"), "Newsletter sign-up");
  await dialog.getByTestId("segment-apply").click();
  const { graph } = await query({ graph: { event: "Add to cart", measure: "users", interval: "whole", segment: { did: "Newsletter sign-up", in: "30d" }, ...lastDays(30) } });
  await shows(page.getByTestId("graph-total"), graph.total.total);
  assert.match(await page.getByTestId("report-segment").innerText(), /did Newsletter sign-up in the last 30d/);
});

test("on a dashboard a segment follows the dates, or says that it cannot; its number leads to its people", async () => {
  const save = (name, segment) => put(cairn, `projects/${project}/reports`, { name, kind: "segments", state: { who: JSON.stringify(segment) } }, "POST");
  const reports = [await save("Lookers", SEGMENT), await save("With a plan", { user: "plan", is_set: true })];
  const { id } = await put(cairn, `projects/${project}/dashboards`, { name: "People" }, "POST");
  await put(cairn, `projects/${project}/dashboards/${id}`, { tiles: reports.map((report) => ({ report: report.id, width: 1 })) }, "PATCH");
  await page.goto(`${cairn.url}/dashboards?project=${project}&board=${id}&days=14`);
  const range = lastDays(14);
  const dated = { all: [{ did: "Viewed item", more_than: 4, ...range }, { not: { did: "Confirm order", ...range } }] };
  const [moved, kept] = await Promise.all([dated, { user: "plan", is_set: true }].map((segment) => query({ users: { segment, limit: 1 } })));
  const tile = (at) => page.getByTestId("tile").nth(at);
  for (const [at, { users }] of [moved, kept].entries()) {
    const number = tile(at).getByTestId("segment-total");
    await number.waitFor();
    assert.equal(digits(await number.innerText()), users.total);
    assert.equal(await tile(at).getByTestId("tile-own-range").count(), at);
  }
  assert.match(await tile(0).innerText(), new RegExp(`did Viewed item more than 4 times from ${range.from} to before ${range.to}`));
  await tile(0).getByTestId("segment-total").getByRole("link").click();
  const listed = page.getByTestId("users-total");
  await listed.waitFor();
  assert.equal(digits(await listed.innerText()), moved.users.total);
});

test("a list of people is uploaded, used in a segment, and deleted", async () => {
  await page.goto(`${cairn.url}/segments?project=${project}`);
  await settled();
  const { users: [first, second] } = (await query({ users: { limit: 2 } })).users;
  await page.getByTestId("list-add").click();
  await page.getByTestId("list-name").fill("beta testers");
  await page.getByTestId("list-paste").fill(`${first.handle}\n${second.handle}\nnobody@nowhere.example`);
  await page.getByTestId("list-save").click();
  await page.getByTestId("list").waitFor();
  const { lists } = await ask(cairn, `projects/${project}/lists`);
  assert.deepEqual(lists.map(({ name, size }) => [name, size]), [["beta testers", 3]]);
  await page.getByTestId("segment-add").click();
  await page.getByTestId("segment-kind").selectOption("list");
  await choose(page.getByTestId("segment-list"), "beta testers");
  await shows(page.getByTestId("segment-total"), 2);
  const handles = await page.getByTestId("segment-person").locator("a").allInnerTexts();
  assert.deepEqual(handles.sort(), [first.handle, second.handle].sort());
  await page.getByRole("button", { name: "Delete the list beta testers" }).click();
  await page.getByRole("button", { name: "Delete list", exact: true }).click();
  await page.getByTestId("list").waitFor({ state: "detached" });
  assert.deepEqual((await ask(cairn, `projects/${project}/lists`)).lists, []);
  // The segment still names it, and the page says what is wrong.
  await page.getByRole("alert").first().waitFor();
  problems.splice(0, problems.length, ...problems.filter((problem) => !/status of 400/.test(problem)));
  assert.deepEqual(problems, []);
});
