// The demo shop, as a visitor would use it, under a strict content security policy.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { KEY, ready, startBrowser, startCollector, STUB } from "./harness.mjs";

const SHOP = new URL("../../shop/", import.meta.url).pathname;
const TYPES = { js: "text/javascript", css: "text/css", html: "text/html; charset=utf-8" };

/** Serves the shop with history fallback, as the server does. */
export function startShop(collectorOrigin) {
  const html = readFileSync(SHOP + "index.html", "utf8").replaceAll("{{CAIRN_ORIGIN}}", collectorOrigin).replaceAll("{{WRITE_KEY}}", KEY);
  const stubHash = createHash("sha256").update(/<script>(.*?)<\/script>/s.exec(html)[1]).digest("base64");
  const policy = `default-src 'self'; img-src 'self' data:; script-src 'self' ${collectorOrigin} 'sha256-${stubHash}'; connect-src ${collectorOrigin}`;
  return new Promise((resolve) => {
    const server = createServer((req, res) => {
      const name = req.url.split("?")[0].slice(1);
      const asset = /^[\w.-]+\.(js|css)$/.test(name) && existsSync(SHOP + name);
      res.setHeader("content-type", TYPES[asset ? name.split(".").pop() : "html"]).setHeader("content-security-policy", policy);
      res.end(asset ? readFileSync(SHOP + name) : html);
    });
    server.listen(0, "127.0.0.1", () => resolve({ server, origin: `http://127.0.0.1:${server.address().port}` }));
  });
}

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

test("the shop carries the stub that customers paste", () => {
  assert.ok(readFileSync(SHOP + "index.html", "utf8").includes(STUB));
});

test("browse, log in, buy, log out", async () => {
  const collector = await startCollector();
  const { server, origin } = await startShop(collector.origin);
  const context = await browser.newContext();
  const problems = [];
  context.on("weberror", (e) => problems.push(String(e.error())));
  context.on("console", (m) => m.type() === "error" && problems.push(m.text()));
  try {
    const page = await context.newPage();
    await page.goto(origin + "/");
    await ready(page);
    await page.fill("#newsletter-email", "sekret@example.com");
    await page.press("#newsletter-email", "Enter");
    await page.fill("#search", "sekret");
    await page.fill("#search", "tent");
    await page.click("a[data-testid=product-link] >> nth=0");
    await page.click("[data-testid=add-to-cart] >> nth=0");
    await page.goto(origin + "/login");
    await page.fill("#login-email", "jane@shop.example");
    await page.fill("#login-password", "sekret");
    await page.click("#login-submit");
    await page.click("[data-testid=add-to-cart] >> nth=4");
    await page.click(".cart-link");
    await page.click("text=Go to checkout");
    await page.fill("#checkout-name", "sekret");
    await page.fill("#checkout-card", "4111 1111 1111 1111");
    await page.click("div.checkout_modal a.btn");
    await page.click("#logout");
    await page.evaluate(() => cairn.track("End"));
    await collector.untilNamed("End");
    const paths = collector.of("pageview").map((m) => m.properties.path);
    assert.deepEqual(paths, ["/", "/items/ridgeline-2-tent", "/login", "/", "/cart", "/checkout", "/"]);
    const order = collector.messages.find((m) => m.name === "Order Placed").properties;
    assert.deepEqual([order.amount, order.items, order.path], [305, 2, "/checkout"]);
    const confirm = collector.of("click").find((m) => m.properties.target_text === "Confirm Order").properties;
    assert.match(confirm.chain, /div\.checkout_modal\.rounded-xl\.shadow-lg.*>aside.*>a\.btn\.button.*\.hover\\:bg-amber-600/);
    const [identified] = collector.of("identify");
    assert.equal(identified.handle, "jane@shop.example");
    assert.deepEqual(collector.of("user_properties").find((m) => m.set).set, { plan: "free" });
    assert.notEqual(collector.messages.find((m) => m.name === "End").user_id, identified.user_id);
    assert.doesNotMatch(collector.requests.map((r) => r.raw).join(), /sekret|4111.?1111/);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
    server.closeAllConnections();
    server.close();
    collector.close();
  }
});
