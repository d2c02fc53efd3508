// A question is saved and put on a dashboard; a definition that fell silent is found again, renamed with what uses it, restored and
// combined; a project's settings are changed. In a real browser, by mouse and by keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";

const DAY_MS = 24 * 3_600_000;
const OLD = "html>body:2/2/1/1>main#shop:1/1/1/1>button.buy-old:1/2/1/2";
const NEW = "html>body:2/2/1/1>main#shop:1/1/1/1>button.purchase:1/2/1/2";
const MENU = "html>body:2/2/1/1>nav:1/2/1/1>button#menu:1/1/1/1";

let cairn, browser, app, project;
const faults = [];

/** Two clicks a day on the shop's button, which gets another class five days ago; and one on the menu. */
function history(now) {
  const messages = [];
  const click = (user, time, chain, text) =>
    messages.push({
      type: "click", user_id: String(user), event_id: String(messages.length + 1), time,
      properties: { chain, target_text: text, path: "/shoes", domain: "shop.example" },
    });
  for (let day = 0; day < 30; day++) {
    const time = now - day * DAY_MS - 3_000;
    for (const user of [1, 2]) click(user, time - user, day >= 5 ? OLD : NEW, "Add to cart");
    click(1, time, MENU, "Menu");
  }
  return messages;
}

async function define(name, predicate) {
  const answer = await fetch(`${cairn.url}/api/projects/${project.id}/definitions/${encodeURIComponent(name)}`, {
    method: "PUT", headers: { authorization: `Bearer ${cairn.token}` }, body: JSON.stringify({ predicate }),
  });
  assert.equal(answer.status, 200);
}

before(async () => {
  cairn = await startCairn();
  [project] = (await ask(cairn, "projects")).projects;
  const sent = await fetch(`${cairn.url}/ingest/${project.write_key}`, { method: "POST", body: JSON.stringify({ messages: history(Date.now()) }) });
  assert.equal((await sent.json()).accepted, 90);
  await define("Add", { all: [{ type: "click" }, { selector: "button.buy-old" }] });
  await define("Menu", { selector: "#menu" });
  browser = await launchChromium();
  app = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  app.on("pageerror", (error) => faults.push(error.message));
  app.on("console", (message) => message.type() === "error" && !/status of 4/.test(message.text()) && faults.push(message.text()));
  await app.goto(cairn.signIn);
  await app.waitForSelector("nav");
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

const button = (name) => app.getByRole("button", { name });
const go = (path) => app.goto(`${cairn.url}${path}`);

async function save(name, query) {
  await go(`/graph?project=${project.id}&${query}`);
  await app.click("[data-testid=save-report]");
  await app.fill("[data-testid=name-field]", name);
  await app.click("[data-testid=name-submit]");
  await button(`Report “${name}”`).waitFor();
}

/** The tiles come into this order: what is said of a move can be there a moment before. */
async function tilesAre(wanted) {
  for (const end = Date.now() + 5_000; ; ) {
    const found = await app.locator("[data-testid=tile] h2").allTextContents();
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    if (Date.now() > end) assert.deepEqual(found, wanted);
    await app.waitForTimeout(50);
  }
}

test("a report is saved, found among the saved ones, and known again with its question", async () => {
  await save("Adds", "event=Add&days=90&interval=week");
  await save("Menus", "event=Menu&days=14");
  // Changed, it says so; and changed back, it is the saved one.
  await app.selectOption("[data-testid=report-range]", "30");
  await app.getByText("“Menus”, changed").waitFor();
  await app.selectOption("[data-testid=report-range]", "14");
  await app.getByText("Saved as “Menus”").waitFor();
  await app.click('nav a[href^="/saved"]');
  await app.getByRole("link", { name: "Open Adds" }).click();
  await app.getByText("Saved as “Adds”").waitFor();
  assert.match(app.url(), /event=Add/);
  assert.match(app.url(), /interval=week/);
});

test("a name that is taken is refused in words", async () => {
  await go(`/graph?project=${project.id}&event=Menu&days=7`);
  await app.click("[data-testid=save-report]");
  await app.fill("[data-testid=name-field]", "Adds");
  await app.click("[data-testid=name-submit]");
  await app.getByText('There is a report called "Adds" already').waitFor();
  await app.keyboard.press("Escape");
});

test("reports are put on a dashboard, arranged by keyboard, and shown over one range", async () => {
  await go(`/graph?project=${project.id}&event=Add&days=90&interval=week`);
  await app.click("[data-testid=report-menu]");
  await app.getByRole("menuitem", { name: "A new dashboard" }).click();
  await app.fill("[data-testid=name-field]", "Shop");
  await app.click("[data-testid=name-submit]");
  await app.getByRole("link", { name: "Open the dashboard" }).click();
  await app.locator("[data-testid=tile] canvas").waitFor();
  await app.click("[data-testid=arrange]");
  await app.getByRole("combobox", { name: "Add a report" }).fill("Men");
  await app.keyboard.press("ArrowDown");
  await app.keyboard.press("Enter");
  await app.locator("[data-testid=tile]").nth(1).waitFor();
  await tilesAre(["Adds", "Menus"]);
  await button("Move Menus earlier").focus();
  await app.keyboard.press("Enter");
  await app.getByText("Menus is tile 1 of 2 now.").waitFor();
  await tilesAre(["Menus", "Adds"]);
  await app.getByRole("radiogroup", { name: "Width of Menus" }).getByText("All").click();
  await app.click("[data-testid=arrange]");
  await app.selectOption("[data-testid=board-range]", "7");
  const menus = app.locator("[data-testid=tile]").first();
  await menus.getByText("7", { exact: true }).click();
  const people = app.getByTestId("people-total");
  await people.waitFor();
  assert.match(await people.innerText(), /^1 /, "all of these clicks are one visitor's");
  await app.keyboard.press("Escape");
  await app.getByTestId("people").waitFor({ state: "detached" });
  await app.reload();
  await menus.getByText("7", { exact: true }).waitFor();
  await tilesAre(["Menus", "Adds"]);
  const { dashboards } = await ask(cairn, `projects/${project.id}/dashboards`);
  assert.deepEqual(dashboards[0].tiles.map((tile) => tile.width), [3, 1]);
});

test("a report on a dashboard is not deleted from under it", async () => {
  await go(`/saved?project=${project.id}`);
  await button("Delete Menus").click();
  await app.getByText("It is still on “Shop”").waitFor();
  await app.click("[data-testid=confirm]");
  await app.getByText('The report is still on "Shop"').waitFor();
  await app.keyboard.press("Escape");
});

test("a definition that fell silent is found again by what is closest, and what that changes is shown first", async () => {
  await go(`/define?project=${project.id}`);
  await app.getByText("A definition fell silent").waitFor();
  await app.click("[data-testid=find-closest]");
  const proposal = app.locator("[data-testid=proposal]").first();
  assert.match(await proposal.textContent(), /Add to cart.*#shop button\.purchase.*same text.*same place/);
  await proposal.locator("[data-testid=use-proposal]").click();
  const impact = app.locator("[data-testid=impact]");
  await impact.getByText("10 events added").waitFor();
  assert.match(await impact.textContent(), /18 events lost/);
  assert.match(await impact.textContent(), /1 saved report and 1 dashboard will show the new numbers/);
  await app.click("[data-testid=define-save]");
  await app.getByText("“Add” is saved.").waitFor();
  await app.locator("[data-testid=silent]").waitFor({ state: "detached" });
});

test("renaming shows what uses the name, and carries it along", async () => {
  await go(`/define?project=${project.id}&edit=Add`);
  await app.fill("[data-testid=define-name]", "Into the cart");
  await app.click("[data-testid=define-save]");
  const dialog = app.getByRole("dialog");
  await dialog.getByText("Adds", { exact: true }).waitFor();
  await app.click("[data-testid=rename-confirm]");
  await app.getByRole("heading", { name: "Edit “Into the cart”" }).waitFor();
  const { reports } = await ask(cairn, `projects/${project.id}/reports`);
  assert.deepEqual(reports.map((report) => [report.name, report.state.event]), [["Adds", ["Into the cart"]], ["Menus", ["Menu"]]]);
  await go(`/saved?project=${project.id}`);
  await app.getByRole("link", { name: "Open Adds" }).click();
  await app.locator("[data-testid=graph-total]").waitFor();
});

test("an older meaning is looked at and restored", async () => {
  await go(`/define?project=${project.id}`);
  await button("More about Into the cart").click();
  await app.getByRole("menuitem", { name: "History of Into the cart" }).click();
  await app.locator("[data-testid=version]").nth(1).waitFor();
  assert.equal(await app.locator("[data-testid=version]").count(), 2);
  await button("Restore version 1").click();
  await app.getByText("Version 1 is what it means again").waitFor();
  await app.locator("[data-testid=version]").nth(2).waitFor();
  const { definitions } = await ask(cairn, `projects/${project.id}/definitions`);
  assert.deepEqual(definitions.find((one) => one.name === "Into the cart").predicate, { all: [{ type: "click" }, { selector: "button.buy-old" }] });
  await app.keyboard.press("Escape");
});

test("two definitions are combined into one", async () => {
  await go(`/define?project=${project.id}`);
  await app.getByRole("checkbox", { name: "Select Into the cart" }).check();
  await app.getByRole("checkbox", { name: "Select Menu" }).check();
  await app.click("[data-testid=combine]");
  await app.click("[data-testid=combine-go]");
  await app.fill("[data-testid=define-name]", "Either");
  await app.click("[data-testid=define-save]");
  await app.getByText("“Either” is saved.").waitFor();
  const { definitions } = await ask(cairn, `projects/${project.id}/definitions`);
  const either = definitions.find((one) => one.name === "Either").predicate;
  assert.deepEqual(either, { any: [{ all: [{ type: "click" }, { selector: "button.buy-old" }] }, { selector: "#menu" }] });
});

test("a project is renamed, gets a new key, loses the old one, masks, and keeps less", async () => {
  await go(`/settings?project=${project.id}`);
  await app.fill("[data-testid=project-name]", "Store");
  await button("Save").first().click();
  await app.getByText("Saved.").waitFor();
  await button("Project: Store").waitFor();
  await app.click("[data-testid=new-key]");
  await app.click("[data-testid=confirm]");
  await app.locator("[data-testid=former-key]").waitFor();
  await button(`Revoke ${project.write_key}`).click();
  await app.click("[data-testid=confirm]");
  await app.locator("[data-testid=former-key]").waitFor({ state: "detached" });
  const refused = await fetch(`${cairn.url}/ingest/${project.write_key}`, { method: "POST", body: '{"messages":[]}' });
  assert.equal(refused.status, 401);

  await app.fill("[data-testid=masks]", ".profile\n#account");
  await button("Save").last().click();
  await app.getByText("The masks are in effect.").waitFor();
  await app.getByText('data-mask=".profile,#account"').waitFor();

  await app.click("[data-testid=retention-limited]");
  await app.fill("[data-testid=retention-days]", "10");
  await button("Save").nth(1).click();
  await app.getByText(/57 events from before .* will be deleted for good/).waitFor();
  assert.equal(await button("Delete and keep deleting").isDisabled(), true);
  await app.click("[data-testid=understood]");
  await app.click("[data-testid=confirm]");
  await app.getByText("Events are kept for 10 days.").waitFor();
  for (let waited = 0; (await ask(cairn, `projects/${project.id}/ledger`)).expired !== 57; waited += 100) {
    assert.ok(waited < 10_000, "the events did not expire");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test("nothing went wrong in the page", () => assert.deepEqual(faults, []));
