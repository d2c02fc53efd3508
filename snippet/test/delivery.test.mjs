import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const ids = (request) => request.body.messages.map((m) => m.event_id).filter(Boolean);
const stop = (collector, status, headers) => {
  collector.answer = () => ({ status, headers });
};
const recover = (collector) => stop(collector, 200);

test("the script keeps to 6,144 bytes gzipped", () => {
  assert.ok(gzipSync(readFileSync(new URL("../dist/cairn.js", import.meta.url)), { level: 9 }).length <= 6144);
});

for (const status of [503, 429, 500]) {
  test(`after a ${status} the same events are sent again, with the same ids`, () =>
    visit(browser, "", async ({ page, collector }) => {
      stop(collector, status);
      await collector.until("a refusal", () => collector.requests.length >= 1);
      await page.evaluate(() => cairn.track("Meanwhile"));
      recover(collector);
      await collector.untilNamed("Meanwhile");
      const [refused, accepted] = collector.requests;
      assert.equal(refused.status, status);
      assert.deepEqual(ids(accepted).slice(0, ids(refused).length), ids(refused));
      assert.ok(accepted.atMs - refused.atMs >= 400);
    }));
}

test("Retry-After is honoured, by the beacon too", () =>
  visit(browser, "", async ({ page, collector }) => {
    stop(collector, 503, { "retry-after": "3" });
    await collector.until("a refusal", () => collector.requests.length >= 1);
    await page.waitForTimeout(100);
    recover(collector);
    await page.evaluate(() => dispatchEvent(new Event("pagehide")));
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await collector.untilType("pageview", 2);
    assert.ok(collector.requests[1].atMs - collector.requests[0].atMs >= 2900);
    assert.equal(ids(collector.requests[1]).length, 3); // what was refused, and the new view
  }));

test("a server that is away is waited for", () =>
  visit(browser, "", async ({ page, collector }) => {
    await collector.untilType("pageview");
    await page.route("**/ingest/**", (route) => route.abort("connectionrefused"));
    await page.evaluate(() => cairn.track("Lost?"));
    await page.waitForTimeout(2600);
    await page.unroute("**/ingest/**");
    await collector.untilNamed("Lost?");
  }));

for (const status of [400, 401, 413]) {
  test(`a ${status} is final${status === 401 ? " for the page" : " for its batch"}`, () =>
    visit(browser, "", async ({ page, collector }) => {
      stop(collector, status);
      await collector.until("a refusal", () => collector.requests.length >= 1);
      recover(collector);
      await page.waitForTimeout(100);
      await page.evaluate(() => cairn.track("Next"));
      if (status !== 401) await collector.untilNamed("Next");
      else await page.waitForTimeout(2500);
      assert.equal(collector.requests.length, status === 401 ? 1 : 2);
      const again = collector.requests.slice(1).flatMap(ids);
      assert.ok(!ids(collector.requests[0]).some((id) => again.includes(id)));
    }));
}

test("leaving sends a beacon at once", () =>
  visit(browser, `<a href="/next">Next</a>`, async ({ page, collector }) => {
    await page.evaluate(() => {
      const original = navigator.sendBeacon;
      navigator.sendBeacon = (...args) => (localStorage.setItem("beacons", "yes"), original.apply(navigator, args));
    });
    await collector.untilType("pageview");
    await page.click("a");
    await collector.until("the click", () => collector.of("click").length === 1, 1500);
    assert.equal(await page.evaluate(() => localStorage.getItem("beacons")), "yes");
  }));

test("a hidden page sends what it has, in parts below 64 KiB", () =>
  visit(browser, "", async ({ page, collector }) => {
    await collector.untilType("pageview");
    await page.evaluate(() => {
      for (let i = 0; i < 30; i++) cairn.track("Big", { i, text: "é".repeat(2000) });
      Object.defineProperty(document, "visibilityState", { value: "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await collector.until("all", () => collector.messages.filter((m) => m.name === "Big").length === 30);
    assert.ok(collector.requests.every((r) => Buffer.byteLength(r.raw) < 61_000));
    await page.waitForTimeout(300);
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => /queue/.test(k))), []);
  }));

test("what could not be sent survives the navigation", () =>
  visit(browser, `<a href="/next">Next</a>`, async ({ page, collector }) => {
    await collector.untilType("pageview");
    stop(collector, 503); // the beacon too is refused
    await page.click("a");
    await page.waitForURL("**/next");
    await collector.until("a refusal", () => collector.requests.some((r) => r.status === 503));
    recover(collector);
    await collector.until("the click, accepted", () =>
      collector.requests.some((r) => r.status === 200 && r.body.messages.some((m) => m.type === "click")));
    await page.waitForTimeout(300);
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => /queue/.test(k))), []);
  }));

test("an outage keeps at most the newest 1,000 messages, sent 50 at a time", () =>
  visit(browser, "", async ({ page, collector }) => {
    stop(collector, 503);
    await collector.until("a refusal", () => collector.requests.length >= 1);
    await page.evaluate(() => {
      for (let i = 0; i < 1200; i++) cairn.track("Tick", { i });
    });
    collector.requests.length = 0;
    recover(collector);
    await collector.until("the last", () => collector.messages.some((m) => m.properties?.i === 1199), 20_000);
    assert.ok(collector.requests.every((r) => r.body.messages.length <= 50));
    const seen = collector.of("custom").map((m) => m.properties.i);
    assert.deepEqual(seen, Array.from({ length: 1000 }, (_, i) => i + 200));
    const eventIds = collector.of("custom").map((m) => BigInt(m.event_id));
    assert.ok(eventIds.every((id, i) => !i || id > eventIds[i - 1]));
  }));

for (const [what, offMs] of [["3 minutes fast", 180_000], ["10 years slow", -315_360_000_000], ["2 years fast", 63_072_000_000]]) {
  test(`a clock ${what} is corrected by the server's`, () =>
    visit(browser, "", async ({ page, collector }) => {
      await collector.untilType("pageview");
      await page.waitForTimeout(100);
      await page.evaluate(() => cairn.track("After"));
      await collector.untilNamed("After");
      const [first, second] = collector.requests;
      assert.ok(Math.abs(first.body.sent_at - first.atMs - offMs) < 2000); // not known yet
      assert.ok(Math.abs(second.body.sent_at - second.atMs) < 2000);
      const [view] = collector.of("pageview");
      const [after] = collector.of("custom");
      if (offMs === 180_000) assert.ok(after.time >= view.time); // a server that does not shift must not see it first
      else assert.ok(Math.abs(after.time - second.atMs) < 4000);
      await page.reload();
      await collector.untilType("pageview", 2);
      const next = collector.of("pageview")[1];
      assert.ok(Math.abs(next.time - collector.requests.at(-1).atMs) < 3000); // remembered
    }, { init: `{ const now = Date.now; Date.now = () => now() + ${offMs}; }` }));
}
