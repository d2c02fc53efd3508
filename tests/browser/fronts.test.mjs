// Pages that others wrote, as published on npm: the snippet captures every trusted click once, the visualizer opens, and nothing breaks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, startCairn } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { startSite } from "./site.mjs";

const PERSON = { viewport: { width: 1280, height: 900 }, userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36" };
const packaged = (path) => new URL(`node_modules/${path}`, import.meta.url).pathname;

/** What the documentation site documents. */
const API = {
  openapi: "3.0.0", info: { title: "Pets", version: "1" },
  paths: { "/pets": { get: { tags: ["pets"], summary: "All pets", responses: { 200: { description: "OK" } } }, post: { tags: ["pets"], summary: "Add a pet", responses: { 201: { description: "Created" } } } } },
};

async function todos(page) {
  await page.locator("#new-todo").click();
  for (const todo of ["tea", "toast"]) {
    await page.locator("#new-todo").fill(todo);
    await page.locator("#new-todo").press("Enter");
  }
  await page.locator("#todo-list .toggle").first().click();
  await page.locator("#filters a", { hasText: "Active" }).click();
  await page.locator("#filters a", { hasText: "All" }).click();
  await page.locator("#todo-list label").first().dblclick();
  await page.keyboard.press("Escape");
  await page.locator("#clear-completed").click();
}

/** What a visitor does on each page, and what the analyst points at. */
const FRONTS = {
  "TodoMVC in React": { folder: packaged("todomvc"), path: "/examples/react/", ready: "#new-todo", act: todos, point: "#info a >> nth=0" },
  "TodoMVC in Backbone": { folder: packaged("todomvc"), path: "/examples/backbone/", ready: "#new-todo", act: todos, point: "#info a >> nth=0" },
  "TodoMVC without a framework": { folder: packaged("todomvc"), path: "/examples/vanillajs/", ready: "#new-todo", act: todos, point: "#info a >> nth=0" },
  "a documentation site, Swagger UI": {
    folder: packaged("swagger-ui-dist"), path: "/", ready: ".opblock", point: ".opblock-get .opblock-summary-control",
    routes: { "**/swagger-initializer.js": `window.onload = () => SwaggerUIBundle({ spec: ${JSON.stringify(API)}, dom_id: "#swagger-ui", presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: "StandaloneLayout" });` },
    async act(page) {
      await page.locator(".opblock-get .opblock-summary-control").click();
      await page.locator(".try-out button").click();
      await page.locator(".opblock-post .opblock-control-arrow svg").click();
      await page.locator(".opblock-tag").click();
      await page.locator(".opblock-tag").click();
    },
  },
  "a component library's demo, jQuery UI": {
    folder: packaged("jquery-ui-dist"), path: "/", ready: "#accordion.ui-accordion", point: "#tabs a >> nth=1",
    async act(page) {
      await page.locator("#accordion h3").nth(1).click();
      await page.locator("#tabs a").nth(1).click();
      await page.locator("#dialog-link").click();
      await page.locator(".ui-dialog-buttonset button").first().click();
      await page.locator("#radioset label").nth(0).click();
      await page.locator("#datepicker .ui-datepicker-next").click();
      await page.locator("#datepicker td a").nth(3).click();
      await page.locator("#spinner ~ a").first().click();
    },
  },
};

let cairn, browser;

before(async () => {
  cairn = await startCairn();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await cairn?.stop();
  cairn?.remove();
});

async function until(look) {
  for (const end = Date.now() + 10_000; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`${look} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A page whose errors, and those that its console shows, are kept. */
async function openPage(routes, problems) {
  const context = await browser.newContext(PERSON);
  context.setDefaultTimeout(10_000);
  context.on("weberror", (error) => problems.push(error.error().stack ?? String(error.error())));
  context.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  for (const [pattern, body] of Object.entries(routes)) await context.route(pattern, (route) => route.fulfill({ contentType: "text/javascript", body }));
  return context.newPage();
}

for (const [name, { folder, path, ready, act, point, routes = {} }] of Object.entries(FRONTS)) {
  test(name, async () => {
    const project = await ask(cairn, "projects", { name, zone: "UTC" });
    const site = await startSite({ folder, cairn: cairn.url, key: project.write_key });
    const count = async (type) => (await ask(cairn, `projects/${project.id}/preview`, { predicate: { type }, days: 1 })).count;
    try {
      // What the page says without us, it may say with us.
      const own = [];
      const plain = await startSite({ folder, cairn: cairn.url, key: project.write_key, rewrite: (html) => html.replace(/<script>window\.cairn.*?<\/script>\s*<script async[^>]*><\/script>/s, "") });
      const bare = await openPage(routes, own);
      await bare.goto(plain.origin + path);
      await bare.locator(ready).first().waitFor();
      assert.equal(await bare.evaluate(() => "cairn" in window), false);
      await act(bare);
      await bare.context().close();
      plain.stop();

      const problems = [];
      const page = await openPage(routes, problems);
      let trusted = 0;
      await page.exposeFunction("countTrusted", () => trusted++);
      await page.addInitScript(() => addEventListener("click", (event) => event.isTrusted && window.countTrusted(), true));
      await page.goto(site.origin + path);
      await page.locator(ready).first().waitFor();
      await page.waitForFunction(() => window.cairn?.version);
      await act(page);
      await page.waitForTimeout(100);
      await page.close();
      assert.ok(trusted >= 5, `${trusted}`);
      await until(async () => (await count("click")) >= trusted);
      assert.equal(await count("click"), trusted, "every trusted click once");

      const { ticket } = await ask(cairn, `projects/${project.id}/visualizer`, { origin: site.origin, app: cairn.url });
      const analyst = await openPage(routes, problems);
      await analyst.goto(`${site.origin}${path}#cairn-visualizer=${ticket}`);
      await analyst.getByTestId("bar").waitFor();
      await analyst.locator(ready).first().waitFor();
      const url = analyst.url();
      const target = analyst.locator(point);
      await target.hover();
      await analyst.getByTestId("hover-count").waitFor();
      await target.click();
      await analyst.locator("[data-testid=stats][data-users]").waitFor();
      await analyst.getByTestId("name").fill(`Event on ${name}`);
      await analyst.getByTestId("define").click();
      await analyst.getByTestId("see-graph").waitFor();
      await analyst.locator("cairn-visualizer .badge").first().waitFor();
      assert.equal(analyst.url(), url, "the click was not the page's");
      await analyst.getByTestId("exit").click();
      await analyst.getByTestId("bar").waitFor({ state: "detached" });
      assert.equal(await count("click"), trusted, "the analyst's clicks are no events");
      const ours = problems.filter((problem) => !own.includes(problem));
      assert.deepEqual(ours, []);
      await analyst.context().close();
    } finally {
      site.stop();
    }
  });
}
