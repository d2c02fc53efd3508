// The visualizer: what the snippet does with its ticket, and what it leaves alone meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

/** What overlays found when they were loaded. */
const overlays = (page) => page.evaluate(() => window.overlays ?? []);
const loaded = (page) => page.waitForFunction(() => window.overlays);

test("a ticket leaves the address at once, loads the overlay, and nothing is recorded until it is left", async () => {
  await visit(
    browser,
    "<button>Buy</button>",
    async ({ page, collector, site }) => {
      await ready(page);
      assert.equal(page.url(), `${site.origin}/cart?a=1`);
      await loaded(page);
      assert.deepEqual(await overlays(page), [{ from: `${collector.origin}/visualizer.js`, key: "ck_test" }]);
      assert.equal(await page.evaluate(() => sessionStorage["cairn-visualizer"]), "vt_0123");
      await page.click("button");
      await page.evaluate(() => cairn.track("Bought"));
      await page.reload();
      await ready(page);
      await loaded(page); // it survives navigation
      await page.click("button");
      await page.waitForTimeout(900);
      assert.deepEqual(collector.messages, []);

      await page.evaluate(() => sessionStorage.removeItem("cairn-visualizer"));
      await page.click("button");
      await collector.untilType("click");
      await page.reload();
      await ready(page);
      await collector.untilType("pageview");
      assert.deepEqual(await overlays(page), []);
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
      await loaded(page);
      assert.equal((await overlays(page))[0].hash, "");
    },
    { path: "/#/cart&cairn-visualizer=vt_0123", attributes: "data-hash" },
  );
});

test("a policy of trusted types without any allowed one lets the snippet record and load the overlay", async () => {
  const policy = "require-trusted-types-for 'script'; trusted-types 'none'";
  const seen = async ({ page, collector }, recorded) => {
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.reload();
    await ready(page);
    await page.click("button");
    if (recorded) await collector.untilType("click");
    else await loaded(page);
    assert.deepEqual(errors, []);
  };
  await visit(browser, "<button>Buy</button>", (on) => seen(on, true), { policy });
  await visit(browser, "<button>Buy</button>", (on) => seen(on, false), { policy, path: "/#cairn-visualizer=vt_0123" });
});
