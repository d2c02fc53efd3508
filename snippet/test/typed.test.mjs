// What a person typed or chose is in no byte that leaves the page or stays on the device.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

async function everything({ page, collector, context }) {
  await page.evaluate(() => cairn.track("End"));
  await collector.untilNamed("End");
  await page.evaluate(() => dispatchEvent(new Event("pagehide")));
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
  return collector.requests.map((r) => r.raw).join() + kept + JSON.stringify(await context.cookies());
}

const FORM = `
  <form id="f">
    <input id="text" name="text" placeholder="Your name">
    <input id="email" type="email"><input id="password" type="password"><input id="search" type="search">
    <input id="hidden" type="hidden" value="sekret-hidden">
    <textarea id="area">sekret-default</textarea>
    <select id="select"><option>Nothing</option><option value="v">sekret-choice</option></select>
    <label id="label">Size <select><option>sekret-size</option></select> <textarea>sekret-area</textarea></label>
    <div id="edit" contenteditable><b id="bold">sekret-bold</b></div>
    <div role="textbox" id="box"><span id="line">sekret-line</span></div>
    <button id="send">Send</button>
  </form>`;

test("typing, choosing and sending leave no trace of what was typed or chosen", () =>
  visit(browser, FORM, async (v) => {
    const { page, collector } = v;
    await ready(page);
    await page.evaluate(() => document.querySelector("form").addEventListener("submit", (e) => e.preventDefault()));
    for (const id of ["text", "password", "search", "area"]) {
      await page.click(`#${id}`);
      await page.keyboard.type(`sekret-${id}`);
    }
    await page.fill("#email", "sekret@example.com");
    await page.selectOption("#select", "v");
    await page.click("#edit");
    await page.keyboard.type("sekret-typed");
    await page.click("#bold");
    await page.click("#line");
    await page.evaluate(() => {
      document.querySelector("#hidden").dispatchEvent(new Event("change", { bubbles: true }));
      document.querySelector("#select option").click();
      document.querySelector("#label").click();
    });
    await page.click("#send");
    assert.doesNotMatch(await everything(v), /sekret/);
    const changed = collector.of("change").map((m) => m.properties.target_id);
    for (const id of ["text", "password", "search", "area", "email", "select"]) assert.ok(changed.includes(id), id);
    assert.ok(!changed.includes("hidden"));
    assert.equal(collector.of("submit").length, 1);
    const label = collector.of("click").find((m) => m.properties.target_id === "label");
    assert.equal(label.properties.target_text, "Size");
    const inEditor = collector.of("click").filter((m) => /#edit/.test(m.properties.chain));
    assert.ok(inEditor.length >= 2 && inEditor.every((m) => m.properties.target_id === "edit" && !m.properties.target_text));
  }));

test("a controlled input that mirrors its value into attributes gives nothing away", () =>
  visit(browser, `<input id="i" placeholder="Name" aria-label="Name"><textarea id="t"></textarea>
    <select id="s"><option>None</option><option>sekret choice</option></select>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      for (const el of document.querySelectorAll("input,textarea")) {
        el.addEventListener("input", () => {
          for (const name of ["value", "title", "data-id", "data-value"]) el.setAttribute(name, el.value);
          el.setAttribute("aria-label", `Name: ${el.value}`);
        });
      }
    });
    for (const id of ["i", "t"]) {
      await v.page.click(`#${id}`);
      await v.page.keyboard.type("sekret");
      await v.page.keyboard.press("Tab");
      await v.page.click(`#${id}`);
    }
    await v.page.evaluate(() => {
      const select = document.querySelector("#s");
      select.selectedIndex = 1;
      select.title = "sekret choice";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    assert.doesNotMatch(await everything(v), /sekret/);
    const changes = v.collector.of("change");
    assert.equal(changes.length, 3);
    assert.match(changes[0].properties.chain, /input#i\[placeholder=Name\]:/);
  }));

test("what a password manager fills in stays unknown", () =>
  visit(browser, `<form><input id="u" autocomplete="username"><input id="p" type="password" autocomplete="current-password"></form>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      for (const el of document.querySelectorAll("input")) {
        el.setAttribute("data-filled-by", "sekret");
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(el, "sekret");
        el.setAttribute("value", "sekret");
        for (const type of ["input", "change"]) el.dispatchEvent(new Event(type, { bubbles: true }));
      }
      const shown = document.querySelector("#p");
      shown.type = "text"; // "show password"
      shown.click();
    });
    assert.doesNotMatch(await everything(v), /sekret/);
    assert.deepEqual(v.collector.of("change").map((m) => m.properties.target_id), ["u", "p"]);
  }));

test("card and social security numbers on the page are left out", () =>
  visit(browser, [
    "4111 1111 1111 1111", "4111111111111111", "Card 5500-0000-0000-0004 saved", "3782 822463 10005", "SSN 078-05-1120", "078051120",
    "Order 1763877600001", "12.95 for 3", "2026-11-23",
  ].map((text) => `<button title="${text}" data-id="${text}">${text}</button>`).join(""), async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => document.querySelectorAll("button").forEach((b) => b.click()));
    // Long enough not to stand in a random id by chance.
    assert.doesNotMatch(await everything(v), /1111.?1111|5500-0000|0000-0004|3782 8224|822463 1|078-05|05-1120|078051120/);
    assert.deepEqual(v.collector.of("click").map((m) => m.properties.target_text).slice(-3), ["Order 1763877600001", "12.95 for 3", "2026-11-23"]);
  }));
