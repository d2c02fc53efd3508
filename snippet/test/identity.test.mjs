import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEY, ready, STUB, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

test("calls made before the script is there run in order, after the page's view", () =>
  visit(browser, "", async ({ collector }) => {
    await collector.untilNamed("Second");
    const kinds = collector.messages.map((m) => m.name ?? m.type);
    assert.deepEqual(kinds.filter((k) => !["session", "user_properties"].includes(k)), ["identify", "pageview", "First", "Second"]);
    const [view] = collector.of("pageview");
    assert.equal(view.properties.plan, "pro"); // added before the script was there
    const [first, second] = collector.of("custom");
    assert.deepEqual([first.properties.amount, first.properties["plan"]], [19.5, "pro"]);
    assert.deepEqual([second.properties.plan, second.properties.cart], [undefined, { items: [1, 2] }]);
    assert.equal(collector.of("identify")[0].handle, "jane@example.com");
    const set = collector.of("user_properties").filter((m) => m.set).map((m) => m.set);
    assert.deepEqual(set, [{ age: 7 }, { tier: 2 }]);
    assert.deepEqual(collector.of("user_properties").find((m) => m.set_once?.seen).set_once, { seen: "now" });
  }, {
    head: `<script>cairn.addEventProperties({plan:"pro"});cairn.identify("jane@example.com",{age:7});cairn.track("First",{amount:19.5});
      cairn.removeEventProperty("plan");cairn.addUserProperties({tier:2});cairn.setOnce({seen:"now"});cairn.track("Second",{cart:{items:[1,2]}})</script>`,
  }));

test("a handle is sent once; a second one is another person", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.evaluate(() => {
      cairn.addEventProperties({ seat: "A1" });
      cairn.track("anonymous");
      cairn.identify("jane@example.com");
      cairn.identify("jane@example.com");
      cairn.track("jane");
    });
    await page.reload();
    await ready(page);
    await page.evaluate(() => {
      cairn.identify("jane@example.com");
      cairn.track("jane again");
      cairn.identify("john@example.com", { plan: "free" });
      cairn.track("john");
      cairn.resetIdentity();
      cairn.track("nobody");
    });
    await collector.untilNamed("nobody");
    const of = (name) => collector.messages.find((m) => m.name === name);
    const identifications = collector.of("identify").map((m) => [m.handle, m.user_id]);
    assert.deepEqual([...new Map(identifications)], [
      ["jane@example.com", of("anonymous").user_id], ["john@example.com", of("john").user_id],
    ]);
    assert.equal(of("jane again").user_id, of("anonymous").user_id);
    const people = ["jane", "john", "nobody"].map(of);
    assert.equal(new Set(people.map((m) => m.user_id)).size, 3);
    assert.equal(new Set(people.map((m) => m.properties.session_id)).size, 3);
    assert.deepEqual(people.map((m) => m.properties.seat), ["A1", undefined, undefined]);
    assert.equal(collector.of("user_properties").find((m) => m.set?.plan).user_id, of("john").user_id);
    const firstTouches = collector.of("user_properties").filter((m) => m.set_once).map((m) => m.user_id);
    assert.equal(new Set(firstTouches).size, 3);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
    assert.doesNotMatch(kept.replace(/"cairn\.[^"]*queue[^"]*":"(\\.|[^"])*"/g, ""), /@example/); // only a fingerprint
  }));

test("one person across the subdomains of a site", () =>
  visit(browser, "", async ({ page, collector, site }) => {
    for (const host of ["www.shop.test", "help.eu.shop.test", "a.shop.test"]) {
      await page.goto(`http://${host}:${site.port}/`);
      await collector.until(host, () => collector.of("pageview").some((m) => m.properties.domain === host));
    }
    const views = collector.of("pageview").filter((m) => m.properties.domain.endsWith("shop.test"));
    assert.equal(new Set(views.map((m) => m.user_id)).size, 1);
    assert.equal(new Set(views.map((m) => m.properties.session_id)).size, 1);
    const cookies = (await page.context().cookies()).filter((c) => c.domain.includes("shop.test"));
    assert.deepEqual(cookies.map((c) => [c.name, c.domain, c.sameSite]), [[`cairn.${KEY}.device`, ".shop.test", "Lax"]]);
  }));

test("where storage is blocked the page still counts as one person", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.evaluate(() => cairn.track("One"));
    await page.evaluate(() => cairn.track("Two"));
    await collector.untilNamed("Two");
    assert.equal(new Set(collector.messages.map((m) => m.user_id)).size, 1);
    assert.equal(collector.of("session").length, 1);
  }, {
    init: () => {
      Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
      Object.defineProperty(document, "cookie", { get() { throw new DOMException("denied", "SecurityError"); }, set() { throw new DOMException("denied"); } });
    },
  }));

test("a wrong call never throws into the page", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.evaluate(() => {
      const circle = {};
      circle.self = circle;
      cairn.track("Circle", circle);
      cairn.track();
      cairn.track("Odd", { big: 2n ** 62n, lone: "a\ud800b\0", fine: "\\ud800", when: new Date(0), f() {} });
      cairn.identify(null);
      cairn.identify("");
      cairn.addUserProperties("x");
      cairn.addEventProperties(null);
      cairn.removeEventProperty();
      cairn.push(["track", "Pushed"], ["noSuch"], null);
    });
    await collector.untilNamed("Pushed");
    const odd = collector.messages.find((m) => m.name === "Odd").properties;
    assert.deepEqual([odd.big, odd.lone, odd.fine, odd.when], ["4611686018427387904", "a\ufffdb\ufffd", "\\ud800", "1970-01-01T00:00:00.000Z"]);
    assert.equal(collector.of("identify").length, 0);
  }));

test("installed twice, it counts once", () =>
  visit(browser, "", async ({ page, collector }) => {
    await ready(page);
    await page.addScriptTag({ url: `${collector.origin}/cairn.js` });
    await page.evaluate(() => cairn.track("Once"));
    await collector.untilNamed("Once");
    assert.equal(collector.of("pageview").length, 1);
    assert.ok(STUB.length < 300);
  }));
