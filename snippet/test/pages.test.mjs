import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEY, ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

test("a load is a session and a pageview with the facts of the page", () =>
  visit(browser, "", async ({ collector }) => {
    await collector.untilType("pageview");
    const [request] = collector.requests;
    assert.equal(request.method, "POST"); // no preflight came before it
    assert.equal(request.url, `/ingest/${KEY}`);
    assert.match(request.contentType, /^text\/plain/);
    assert.ok(Math.abs(request.body.sent_at - Date.now()) < 5000);
    const [session] = collector.of("session");
    const [view] = collector.of("pageview");
    assert.equal(view.user_id, session.user_id);
    assert.ok(BigInt(view.user_id) >= 2n ** 62n && BigInt(view.user_id) < 2n ** 63n);
    assert.ok(BigInt(session.event_id) < BigInt(view.event_id) && session.time <= view.time);
    assert.ok(Math.abs(Number(BigInt(view.event_id) >> 21n) - Date.now()) < 10_000);
    const { session_id, language, time_zone, viewport_width, viewport_height, library_version, ...facts } = view.properties;
    assert.match(session_id, /^\d{18,19}$/);
    assert.deepEqual(facts, {
      domain: "127.0.0.1", path: "/items/tent", query: "color=red&token=&page=2&utm_source=news&utm_campaign=fall",
      title: "Shop", library: "web", utm_source: "news", utm_campaign: "fall",
    });
    assert.deepEqual([language, time_zone, viewport_width, viewport_height], ["en-CA", "America/Toronto", 800, 600]);
    assert.match(library_version, /^\d+\.\d+\.\d+$/);
    const [first] = collector.of("user_properties");
    assert.deepEqual(first.set_once, {
      initial_landing_page: "/items/tent", initial_utm_source: "news", initial_utm_campaign: "fall",
    });
  }, {
    path: "/items/tent?color=red&token=s3cret&page=2&utm_source=news&utm_campaign=fall",
    context: { locale: "en-CA", timezoneId: "America/Toronto", viewport: { width: 800, height: 600 } },
  }));

test("a single-page app's views are counted once each, with the title that follows", () =>
  visit(browser, "", async ({ page, collector }) => {
    await collector.untilType("pageview");
    await page.evaluate(async () => {
      const pause = () => new Promise((r) => setTimeout(r, 150));
      const go = async (method, url, title) => {
        history[method](null, "", url);
        document.title = title;
        await pause();
      };
      await go("pushState", "/a", "A");
      await go("replaceState", "/a?q=1", "A1");
      await go("replaceState", "/a?q=1", "same address");
      await go("pushState", "/b", "B");
      await go("pushState", "/b#part", "only a fragment");
      history.go(-2);
      await pause();
    });
    await collector.untilType("pageview", 5);
    await page.waitForTimeout(300);
    const views = collector.of("pageview").map(({ properties: p }) => [p.path, p.query, p.title]);
    assert.deepEqual(views, [
      ["/", undefined, "Shop"], ["/a", undefined, "A"], ["/a", "q=1", "A1"], ["/b", undefined, "B"],
      ["/a", "q=1", "only a fragment"],
    ]);
    assert.equal(collector.of("session").length, 1);
    assert.equal(collector.of("user_properties").length, 1);
  }));

test("what happens right after a navigation comes after its view", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.evaluate(() => {
      history.pushState(null, "", "/cart");
      cairn.track("Cart opened");
    });
    await collector.untilNamed("Cart opened");
    const events = collector.messages.filter((m) => m.event_id);
    assert.deepEqual(events.map((m) => m.name ?? m.properties.path), ["/", "/", "/cart", "Cart opened"]);
    for (let i = 1; i < events.length; i++) {
      assert.ok(events[i - 1].time <= events[i].time);
      assert.ok(BigInt(events[i - 1].event_id) < BigInt(events[i].event_id));
    }
  }));

test("fragments are pages only where the site says so", async () => {
  const goTo = async ({ page, collector }) => {
    await collector.untilType("pageview");
    await page.evaluate(() => (location.hash = "#/cart"));
    await page.evaluate(() => setTimeout(() => cairn.track("Done"), 200));
    await collector.untilNamed("Done");
    return collector.of("pageview").map((m) => m.properties.path);
  };
  await visit(browser, "", async (v) => assert.deepEqual(await goTo(v), ["/"]));
  await visit(browser, "", async (v) => assert.deepEqual(await goTo(v), ["/", "/#/cart"]), { attributes: "data-hash" });
});

test("a page back from the back/forward cache is viewed again", () =>
  visit(browser, "", async ({ page, collector }) => {
    await collector.untilType("pageview");
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await collector.untilType("pageview", 2);
  }));

test("a prerendered page counts when it is shown", () =>
  visit(browser, "", async ({ page, collector }) => {
    await page.evaluate(() => cairn.track("Early"));
    await page.waitForTimeout(700);
    assert.equal(collector.requests.length, 0);
    await page.evaluate(() => {
      window.hiddenStill = false;
      document.dispatchEvent(new Event("prerenderingchange"));
    });
    await collector.untilNamed("Early");
    assert.equal(collector.of("pageview").length, 1);
  }, {
    init: () => {
      window.hiddenStill = true;
      Object.defineProperty(document, "prerendering", { get: () => window.hiddenStill });
    },
  }));

test("a campaign holds for its session", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.evaluate(() => history.pushState(null, "", "/later"));
    await page.evaluate(() => cairn.track("Order"));
    await collector.untilNamed("Order");
    assert.equal(collector.messages.find((m) => m.name === "Order").properties.utm_source, "ad");
  }, { path: "/?utm_source=ad" }));

test("a session ends after 30 idle minutes", () =>
  visit(browser, "", async ({ page, collector }) => {
    await collector.untilType("pageview");
    const later = Date.now() + 31 * 60_000;
    await page.evaluate((ms) => {
      Date.now = () => ms;
      cairn.track("Back");
    }, later);
    await collector.untilNamed("Back");
    const sessions = collector.of("session").map((m) => m.properties.session_id);
    assert.equal(new Set(sessions).size, 2);
    assert.equal(collector.messages.find((m) => m.name === "Back").properties.session_id, sessions[1]);
    assert.equal(collector.of("session")[1].name, undefined);
  }));
