import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const traces = (page) => page.evaluate(() => Object.keys(localStorage).concat(document.cookie ? document.cookie.split("; ") : []));
const signals = {
  "Global Privacy Control": () => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }),
  "Do Not Track": () => Object.defineProperty(navigator, "doNotTrack", { value: "1" }),
};

for (const [name, init] of Object.entries(signals)) {
  test(`${name}: nothing is captured or stored until the visitor opts in`, () =>
    visit(browser, "<button>Buy</button>", async ({ page, collector }) => {
      await ready(page);
      await page.evaluate(() => {
        cairn.addEventProperties({ theme: "dark" });
        cairn.identify("jane@example.com");
        cairn.track("Unheard");
      });
      await page.click("button");
      await page.waitForTimeout(600);
      await page.evaluate(() => dispatchEvent(new Event("pagehide")));
      assert.deepEqual(await traces(page), []);
      assert.equal(collector.requests.length, 0);
      await page.evaluate(() => cairn.optIn());
      await collector.untilType("pageview");
      assert.equal(collector.of("pageview")[0].properties.theme, "dark");
      assert.equal(collector.messages.some((m) => m.name === "Unheard" || m.type === "identify"), false);
      await page.reload();
      await collector.untilType("pageview", 2); // the choice lasts
    }, { init }));
}

test("opting out deletes the ids, drops what was not sent and lasts", () =>
  visit(browser, "<button>Buy</button>", async ({ page, collector, site }) => {
    await collector.untilType("pageview");
    await page.click("button");
    await page.evaluate(() => cairn.optOut());
    const left = await traces(page);
    assert.ok(left.length >= 1 && left.every((name) => /choice/.test(name)), left.join());
    const before = collector.requests.length;
    await page.click("button");
    await page.goto(site.origin + "/next");
    await ready(page);
    await page.evaluate(() => cairn.track("Unheard"));
    await page.waitForTimeout(2500);
    assert.equal(collector.requests.length, before);
    await page.evaluate(() => cairn.optIn());
    await collector.untilType("pageview", 2);
    const users = new Set(collector.messages.map((m) => m.user_id));
    assert.equal(users.size, 2); // and not the old one again
    assert.equal(collector.of("click").length, 0);
  }));
