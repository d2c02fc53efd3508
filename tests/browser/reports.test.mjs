// Each report's builder against the demo's history: what the pages show is what the API says, and every number opens its people.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { ask, startDemo } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { put } from "./pages.mjs";

/** From the server's answer to the page's, with room for a busy machine. */
const REDRAW_MS = 400;
const DAY_MS = 86_400_000;

let cairn, browser, page, project;
const problems = [];
/** The instant of the page's last answer: asked as of it, the API says the same. */
let asOf;

before(async () => {
  cairn = await startDemo();
  browser = await launchChromium();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 }, acceptDownloads: true })).newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("response", async (response) => {
    if (!response.url().endsWith("/query") || response.status() !== 200) return;
    asOf = (await response.json().catch(() => ({}))).as_of ?? asOf;
  });
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
const peopleOf = async (of, cell) => (await query({ people: { of, cell, limit: 1 } })).users.total;

/** The last days, today included, as the demo's zone has them. */
function lastDays(days) {
  const date = (ms) => new Date(ms).toISOString().slice(0, 10);
  return { from: date(Date.now() - (days - 1) * DAY_MS), to: date(Date.now() + DAY_MS) };
}

const settled = () => page.locator("[data-testid=report-answer][data-settled=true]").waitFor({ timeout: 10_000 });
const digits = (text) => Number(text.replaceAll(/[^\d.-]/g, ""));

/** What the answer shows at a place once it is `wanted`, or what it shows instead. */
async function shows(locator, wanted) {
  for (let waited = 0; ; waited += 50) {
    await settled();
    const seen = digits(await locator.innerText());
    if (seen === wanted) return;
    if (waited > 5_000) assert.equal(seen, wanted);
    await page.waitForTimeout(50);
  }
}

async function choose(field, name) {
  await field.click();
  await page.getByRole("option", { name, exact: true }).click();
}

/** The list of people that a number opens is as long as the number says. */
async function opens(click, wanted) {
  await click();
  const total = page.getByTestId("people-total");
  await total.waitFor();
  assert.equal(digits(await total.innerText()), wanted);
  const shown = await page.getByTestId("people-person").count();
  assert.equal(shown, Math.min(50, wanted));
  return async () => {
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByTestId("people").waitFor({ state: "detached" });
  };
}

async function saved(testid) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testid).click()]);
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

const rowsOf = (csv) => csv.toString("utf8").replace("\uFEFF", "").trimEnd().split("\r\n").map((line) => line.split(","));

test("a graph is built as a sentence, with several events, formulas and the period before", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Graph" }).click();
  await settled();
  const range = lastDays(14);
  const total = page.getByTestId("graph-total");
  await choose(page.getByTestId("graph-event"), "Viewed item");
  await page.getByTestId("graph-measure").selectOption("users");
  const viewed = { graph: { event: "Viewed item", measure: "users", interval: "day", ...range } };
  const { graph } = await query(viewed);
  await shows(total, graph.total.total);
  const close = await opens(() => total.getByRole("button").click(), graph.total.total);
  await page.getByTestId("people-more").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=people-person]").length === 100);
  await close();
  const [day] = graph.total.values;
  await (await opens(() => page.getByTestId("graph-row").first().getByRole("button", { name: /Show the people/ }).nth(1).click(), day))();

  await page.getByTestId("graph-add-event").click();
  await choose(page.getByTestId("graph-event").nth(1), "Add to cart");
  await page.getByTestId("graph-add-formula").click();
  await page.getByTestId("graph-previous").check();
  const several = {
    graphs: { events: ["Viewed item", "Add to cart"].map((event) => ({ event, measure: "users" })), formulas: ["100 * B / A"], previous: true, interval: "day", ...range },
  };
  const { graphs } = await query(several);
  // Of the period before, too, every number opens its people.
  const before = graphs.previous.lines[0].series[0].values[3];
  assert.ok(before > 0);
  assert.equal(await peopleOf(several, { event: "A", previous: true, at: 3 }), before);
  const rounded = (value) => Math.round(value * 100) / 100;
  await shows(total, rounded(graphs.lines[2].total.total));
  await shows(page.getByTestId("graph-row").first().locator("td").nth(4), rounded(graphs.lines[2].series[0].values[3]));
  assert.ok((await page.getByTestId("graph-before").innerText()).includes(String(rounded(graphs.previous.lines[2].total.total))));
  // The address is the state.
  await page.reload();
  await shows(total, rounded(graphs.lines[2].total.total));
  // Without the formula, the events are drawn, and each number of the period before opens its people.
  await page.getByRole("button", { name: "Remove the formula 100 * B / A" }).click();
  const was = page.getByTestId("graph-row").nth(1).locator("td").nth(4);
  await shows(was, before);
  await (await opens(() => was.getByRole("button").click(), before))();
});

test("measures of a property, groups and the kinds of drawings", async () => {
  const range = lastDays(30);
  await page.goto(`${cairn.url}/graph?project=${project}&days=30&event=type:custom`);
  const total = page.getByTestId("graph-total");
  await settled();
  await page.getByTestId("graph-measure").selectOption("sum");
  await page.getByTestId("graph-property").fill("amount");
  await page.getByTestId("graph-property").press("Enter");
  const sum = (await query({ graph: { event: { type: "custom" }, measure: { sum: "amount" }, interval: "whole", ...range } })).graph.total.total;
  assert.ok(sum > 0);
  await shows(total, Math.round(sum * 100) / 100);
  await page.getByTestId("graph-measure").selectOption("count");
  await page.getByTestId("report-group").click();
  await page.getByRole("option", { name: "browser", exact: true }).click();
  const { series } = (await query({ graph: { event: { type: "custom" }, interval: "whole", group_by: [{ event: "browser" }], top: 10, ...range } })).graph;
  await page.waitForFunction((wanted) => document.querySelectorAll("[data-testid=graph-row]").length === wanted, series.length);
  await settled();
  const rows = await page.getByTestId("graph-row").allInnerTexts();
  for (const [at, { group, total: wanted }] of series.entries()) {
    const [name, count] = rows[at].trim().split(/\s*\t\s*|\n+/).filter((part) => part !== "");
    assert.deepEqual([name, digits(count)], [String(group?.[0] ?? "other"), wanted]);
  }
  for (const [kind, canvases] of [["Bars", 1], ["Number", 0], ["Table", 0], ["Lines", 1]]) {
    await page.getByTestId("graph-chart").getByText(kind, { exact: true }).click();
    await page.waitForFunction((wanted) => document.querySelectorAll("canvas").length === wanted, canvases);
    await settled();
  }
  const { name, content } = await saved("report-csv");
  assert.match(name, /^Demo-shop-Count-of-Custom.*\.csv$/);
  const table = rowsOf(content);
  assert.deepEqual([table.length, table[0].slice(1)], [32, series.map(({ group }) => String(group?.[0] ?? "other"))]);
  assert.deepEqual(table.at(-1).slice(1).map(Number), series.map((one) => one.total));
  const png = await saved("report-png");
  assert.deepEqual([...png.content.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.ok(png.content.length > 10_000, "it is no empty picture");
});

test("a histogram says how numbers are spread, and each bin opens its people", async () => {
  await page.goto(`${cairn.url}/graph?project=${project}&days=30&event=type:custom`);
  await settled();
  await page.getByTestId("graph-measure").selectOption("histogram");
  await page.getByTestId("graph-property").fill("amount");
  await page.getByTestId("graph-property").press("Enter");
  await page.getByTestId("graph-bins").selectOption("5");
  const of = (bins) => ({ graph: { event: { type: "custom" }, measure: { histogram: { of: "amount", ...bins } }, interval: "whole", ...lastDays(30) } });
  const { graph } = await query(of({ bins: 5 }));
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=table-row]").length === 5);
  const bin = page.getByTestId("table-row").first().getByRole("button");
  await settled();
  assert.match(await bin.innerText(), new RegExp(`^${graph.total.values[0].toLocaleString("en")} · `));
  const people = await peopleOf(of({ edges: graph.edges }), { at: 0 });
  assert.ok(people > 0);
  await (await opens(() => bin.click(), people))();
  // It is of one event: with a second one, it is a count again.
  await page.getByTestId("graph-add-event").click();
  await settled();
  assert.equal(await page.getByTestId("graph-measure").first().inputValue(), "count");
});

test("a saved segment is something to group by", async () => {
  await put(cairn, `projects/${project}/reports`, { name: "Buyers", kind: "segments", state: { who: JSON.stringify({ did: "Confirm order", in: "30d" }) } }, "POST");
  await page.goto(`${cairn.url}/graph?project=${project}&days=30&event=Add+to+cart&measure=users`);
  await settled();
  await page.getByTestId("report-group").click();
  await page.getByRole("option", { name: "Buyers", exact: true }).click();
  const { graph } = await query({ graph: { event: "Add to cart", measure: "users", interval: "whole", group_by: [{ segment: { did: "Confirm order", in: "30d" } }], ...lastDays(30) } });
  for (const { group, total } of graph.series) {
    await shows(page.getByTestId("graph-row").filter({ hasText: group[0] ? /^Buyers/ : /^not Buyers/ }).locator("td").first(), total);
  }
});

const FUNNEL = ["Viewed item", "Add to cart", "Confirm order"];

/** The table's figures, and what the API says of the same question. */
async function funnelShows(steps, more = {}) {
  for (let waited = 0; ; waited += 50) {
    await settled();
    const of = { funnel: { steps, window: "1d", ...lastDays(30), ...more, as_of: asOf } };
    const answer = await query(of);
    const wanted = answer.funnel.total.map(({ reached, open, dropped }, at) => (at === steps.length - 1 ? [reached] : [reached, open, dropped]));
    const figures = await page.getByTestId("funnel-row").evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("[data-testid^=funnel-]")].map((figure) => Number(figure.textContent.replaceAll(",", "")))));
    if (JSON.stringify(figures) === JSON.stringify(wanted)) return { of, total: answer.funnel.total };
    if (waited > 5_000) assert.deepEqual(figures, wanted);
    await page.waitForTimeout(50);
  }
}

test("a funnel's steps are added, chosen, moved and removed, and its numbers are those of the API", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Funnel" }).click();
  await page.waitForURL("**/funnel?*");
  await settled();
  const events = page.getByTestId("funnel-event");
  await choose(events.nth(0), FUNNEL[0]);
  await choose(events.nth(1), FUNNEL[1]);
  await page.getByTestId("funnel-add").click();
  await choose(events.nth(2), FUNNEL[2]);
  const { of, total } = await funnelShows(FUNNEL);
  assert.ok(total[2].reached > 0 && total[0].open > 0 && total[1].dropped > 0, "all three states are there");

  for (const [at, who] of [[0, "reached"], [0, "open"], [1, "dropped"], [2, "reached"]]) {
    const figure = page.getByTestId("funnel-row").nth(at).getByTestId(`funnel-${who}`);
    assert.equal(await peopleOf(of, { step: at + 1, who }), total[at][who]);
    await (await opens(() => figure.click(), total[at][who]))();
  }

  // By keyboard, and the focus goes with the step.
  await page.getByRole("button", { name: "Move step 2, Add to cart, down" }).focus();
  await page.keyboard.press("Enter");
  await funnelShows([FUNNEL[0], FUNNEL[2], FUNNEL[1]]);
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(focused, "Move step 3, Add to cart, up");
  await page.keyboard.press("Alt+ArrowUp");
  await funnelShows(FUNNEL);
  await page.getByRole("button", { name: "Remove step 2, Add to cart" }).click();
  await funnelShows([FUNNEL[0], FUNNEL[2]]);
  await page.goBack();
  await funnelShows(FUNNEL);

  await page.getByTestId("funnel-window").fill("30");
  await page.getByTestId("funnel-unit").selectOption("m");
  await funnelShows(FUNNEL, { window: "30m" });
  await page.getByTestId("funnel-order").selectOption("strict");
  await funnelShows(FUNNEL, { window: "30m", order: "strict" });
  const { content } = await saved("report-csv");
  assert.equal(rowsOf(content).length, 4);
});

test("attempts keep to rules, and their share is drawn over time", async () => {
  await page.goto(`${cairn.url}/funnel?project=${project}&${FUNNEL.map((step) => `step=${encodeURIComponent(step)}`).join("&")}`);
  await funnelShows(FUNNEL);
  await page.getByTestId("funnel-rules").click();
  await page.getByTestId("funnel-exclude").click();
  await page.getByRole("option", { name: "Submit", exact: true }).click();
  await page.keyboard.press("Escape");
  const exclude = [{ type: "submit" }];
  await funnelShows(FUNNEL, { exclude });
  await page.getByTestId("funnel-hold").click();
  await page.getByRole("option", { name: "device", exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByTestId("funnel-trend").selectOption("week");
  const { of } = await funnelShows(FUNNEL, { exclude, hold: ["device"], interval: "week" });
  await page.getByRole("heading", { name: "Conversion, by when the first step was done" }).waitFor();
  const { buckets, over_time: weeks } = (await query(of)).funnel;
  const { content } = await saved("report-csv");
  const rows = rowsOf(content).slice(-buckets.length);
  assert.deepEqual(rows.map(([, ...figures]) => figures.slice(0, 3).map(Number)), weeks.map((steps) => steps.map(({ reached }) => reached)));
});

test("a funnel by groups has each group's numbers, and people", async () => {
  await page.goto(`${cairn.url}/funnel?project=${project}&group=user:plan&${FUNNEL.map((step) => `step=${encodeURIComponent(step)}`).join("&")}`);
  await settled();
  const of = { funnel: { steps: FUNNEL, window: "1d", ...lastDays(30), group_by: [{ user: "plan" }], top: 10, as_of: asOf } };
  const { series, total } = (await query(of)).funnel;
  const rows = page.getByTestId("funnel-group");
  const figures = await rows.evaluateAll((found) => found.map((row) => [...row.querySelectorAll("td")].slice(1).map((td) => Number(td.textContent.replaceAll(",", "")))));
  assert.deepEqual(figures, [...series.map(({ steps }) => steps), total].map((steps) => steps.map(({ reached }) => reached)));
  const one = series[1].steps[1].reached;
  await (await opens(() => rows.nth(1).getByRole("button").nth(1).click(), one))();
  // The bars of one group are its own, with their states.
  await page.getByTestId("funnel-bars").selectOption({ index: 3 });
  const open = page.getByTestId("funnel-row").first().getByTestId("funnel-dropped");
  await shows(open, series[1].steps[0].dropped);
  await (await opens(() => open.click(), series[1].steps[0].dropped))();
});

test("changing a step redraws soon after the answer, and a question that is not asked any more is cancelled", async () => {
  await page.goto(`${cairn.url}/funnel?project=${project}&${FUNNEL.map((step) => `step=${encodeURIComponent(step)}`).join("&")}`);
  await settled();
  const answered = page.waitForResponse((response) => response.url().endsWith("/query"));
  const drawn = page.evaluate(() => new Promise((resolve) => {
    let stale = false;
    const look = () => {
      const { settled } = document.querySelector("[data-testid=report-answer]").dataset;
      if (settled === "false") stale = true;
      else if (stale) resolve(Date.now());
    };
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-settled"] });
  }));
  await choose(page.getByTestId("funnel-event").nth(1), "Viewed cart");
  await (await answered).finished();
  const there = Date.now();
  const late = (await drawn) - there;
  assert.ok(late < REDRAW_MS, `${late} ms after the answer`);

  let held = null;
  await page.route("**/query", (route) => (held === null ? (held = route) : route.continue()));
  const cancelled = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/query"));
  await choose(page.getByTestId("funnel-event").nth(1), "Began checkout");
  assert.equal(await page.getByTestId("report-answer").getAttribute("data-settled"), "false", "the answer before is kept");
  assert.ok(await page.getByTestId("funnel-row").count());
  await choose(page.getByTestId("funnel-event").nth(1), "Add to cart");
  assert.match((await cancelled).failure().errorText, /ABORTED/);
  await page.unroute("**/query");
  await funnelShows(FUNNEL);
});

test("retention is a table whose cells say their sentence, and open their people", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Retention" }).click();
  await page.waitForURL("**/retention?*");
  await settled();
  await choose(page.getByTestId("retention-start"), "Viewed item");
  await choose(page.getByTestId("retention-back"), "Add to cart");
  await page.getByTestId("retention-show").getByText("Users", { exact: true }).click();
  const of = { retention: { start: "Viewed item", return: "Add to cart", interval: "week", periods: 8, ...lastDays(60) } };
  const { cohorts, total } = (await query(of)).retention;
  const row = page.getByTestId("retention-row").nth(1);
  await page.waitForFunction((wanted) => document.querySelectorAll("[data-testid=retention-row]").length === wanted, cohorts.length);
  const { users, sentence } = cohorts[1].cells[2];
  await shows(row.getByTestId("retention-cell").nth(2), users);
  const shown = await page.getByTestId("retention-row").evaluateAll((rows) =>
    rows.map((one) => [...one.querySelectorAll("[data-testid=retention-cell]")].map((cell) => Number(cell.textContent.replaceAll(/[,*]/g, "")))));
  for (const [at, figures] of shown.entries()) {
    assert.deepEqual(figures, cohorts[at].cells.slice(0, figures.length).map((cell) => cell.users));
    assert.ok(cohorts[at].cells.slice(figures.length).every((cell) => cell.users === 0 && !cell.complete), "only what has not begun is left out");
  }
  await row.getByTestId("retention-cell").nth(2).hover();
  assert.equal(await page.getByTestId("retention-sentence").innerText(), sentence);
  await row.getByTestId("retention-cell").nth(3).focus();
  assert.equal(await page.getByTestId("retention-sentence").innerText(), cohorts[1].cells[3].sentence);
  await (await opens(() => row.getByTestId("retention-cell").nth(2).click(), users))();
  await (await opens(() => page.getByTestId("retention-total").getByTestId("retention-cell").nth(1).click(), total.cells[1].users))();
  const ended = cohorts.filter((cohort) => cohort.cells[1].complete);
  const average = (100 * ended.reduce((sum, cohort) => sum + cohort.cells[1].users, 0)) / ended.reduce((sum, cohort) => sum + cohort.users, 0);
  const cell = await page.getByTestId("retention-average").locator("td").nth(2).innerText();
  assert.ok(Math.abs(digits(cell) - average) < 0.06, `${cell} is ${average}`);
  assert.equal(rowsOf((await saved("report-csv")).content).length, cohorts.length + 3);
  assert.deepEqual([...(await saved("report-png")).content.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

test("a report can be narrowed to some users, and says what is wrong", async () => {
  await page.goto(`${cairn.url}/graph?project=${project}&event=Viewed+item&measure=users&days=30`);
  await settled();
  await page.getByTestId("report-who").click();
  await page.getByTestId("condition-property").fill("plan");
  await page.getByTestId("condition-value").fill("club");
  const { graph } = await query({ graph: { event: "Viewed item", measure: "users", interval: "whole", segment: { user: "plan", is: "club" }, ...lastDays(30) } });
  assert.ok(graph.total.total > 0);
  await shows(page.getByTestId("graph-total"), graph.total.total);
  // What no field can show is told in words, by the page and by the server.
  const where = { any: [{ all: [{ property: "browser", is: "Chrome" }, { property: "device", is: "desktop" }] }, { not: { property: "path", is_set: true } }] };
  const who = { not: { did: { all: [{ type: "click" }, { property: "path", is: "/" }] }, more_than: 2, in: "30d" } };
  await page.goto(`${cairn.url}/graph?project=${project}&event=Viewed+item&where=${encodeURIComponent(JSON.stringify(where))}&who=${encodeURIComponent(JSON.stringify(who))}`);
  await settled();
  assert.equal(await page.getByTestId("report-where-words").innerText(), "(browser is “Chrome” and device is “desktop”) or not (path is set)");
  assert.equal(await page.getByTestId("report-segment").innerText(), "not (did Click and path is “/” more than 2 times in the last 30d)");
  const told = (await page.getByTestId("report-answer").innerText()).replaceAll("\n", " ");
  assert.ok(told.includes('where (browser is "Chrome" and device is "desktop") or not (path is set), of users not (who did click where path is "/" more than 2 times in the last 30d)'), told);
  await page.goto(`${cairn.url}/graph?project=${project}&event=Viewed+item&formula=A+/+C`);
  await page.getByRole("alert").waitFor();
  await page.goto(`${cairn.url}/funnel?project=${project}&step=No+such+event`);
  await page.getByText("There is no such definition").waitFor();
  problems.splice(0, problems.length, ...problems.filter((problem) => !/status of 400/.test(problem)));
  assert.deepEqual(problems, []);
});
