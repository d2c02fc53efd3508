// The visualizer: what the snippet does with its ticket, and what it leaves alone meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

const overlay = (page) => page.locator('script[src$="/visualizer.js"]');

test("a ticket leaves the address at once, loads the overlay, and nothing is recorded until it is left", async () => {
  await visit(
    browser,
    "<button>Buy</button>",
    async ({ page, collector, site }) => {
      await ready(page);
      assert.equal(page.url(), `${site.origin}/cart?a=1`);
      const script = overlay(page);
      assert.equal(await script.getAttribute("src"), `${collector.origin}/visualizer.js`);
      assert.equal(await script.getAttribute("data-key"), "ck_test");
      assert.equal(await page.evaluate(() => sessionStorage["cairn-visualizer"]), "vt_0123");
      await page.click("button");
      await page.evaluate(() => cairn.track("Bought"));
      await page.reload();
      await ready(page);
      assert.equal(await overlay(page).count(), 1, "it survives navigation");
      await page.click("button");
      await page.waitForTimeout(900);
      assert.deepEqual(collector.messages, []);

      await page.evaluate(() => sessionStorage.removeItem("cairn-visualizer"));
      await page.click("button");
      await collector.untilType("click");
      await page.reload();
      await ready(page);
      assert.equal(await overlay(page).count(), 0);
      await collector.untilType("pageview");
      assert.equal(collector.of("click").length, 1);
      assert.ok(collector.messages.every((m) => !JSON.stringify(m).includes("vt_0123")));
    },
    { path: "/cart?a=1#cairn-visualizer=vt_0123" },
  );
});

test("an address that is routed by its fragment keeps the rest of it", async () => {
  await visit(
    browser,
    "<button>Buy</button>",
    async ({ page, site }) => {
      await ready(page);
      assert.equal(page.url(), `${site.origin}/#/cart`);
      assert.equal(await overlay(page).getAttribute("data-hash"), "");
    },
    { path: "/#/cart&cairn-visualizer=vt_0123", attributes: "data-hash" },
  );
});
