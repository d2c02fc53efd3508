// Takes the README's pictures of the demo: `node pictures.mjs`, after `cargo build -p cairn`. To be looked at before they are committed.
import { ask, startDemo } from "./cairn.mjs";
import { launchChromium } from "./chromium.mjs";
import { put } from "./pages.mjs";

const IMAGES = new URL("../../docs/images/", import.meta.url).pathname;
const VIEWPORT = { width: 1440, height: 1000 };
const STEPS = ["Viewed item", "Add to cart", "Confirm order"];

const cairn = await startDemo();
const browser = await launchChromium();
const app = await (await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce" })).newPage();
await app.goto(cairn.signIn);
await app.waitForURL("**/live*");
const { projects } = await ask(cairn, "projects");
const project = `projects/${projects[0].id}`;

async function picture(page, name) {
  await page.waitForTimeout(1_200);
  await page.screenshot({ path: `${IMAGES}${name}.png` });
}

const answered = () => app.locator("[data-testid=report-answer][data-settled=true]").waitFor();
await app.goto(`${cairn.url}/funnel?${STEPS.map((step) => `step=${encodeURIComponent(step)}`).join("&")}&days=30`);
await answered();
await app.setViewportSize({ ...VIEWPORT, height: 1100 });
await picture(app, "funnel");
await app.setViewportSize(VIEWPORT);

const save = (name, kind, state) => put(cairn, `${project}/reports`, { name, kind, state }, "POST");
const reports = [
  await save("People who add to their cart", "graph", { event: "Add to cart", measure: "users", interval: "day", days: 30 }),
  await save("From item to order", "funnel", { step: STEPS, days: 30 }),
  await save("Weeks until they come back", "retention", { start: "Viewed item", back: "Viewed item", interval: "week", days: 90 }),
  await save("Visits by device", "graph", { event: "type:pageview", interval: "week", days: 90, group: ["event:device"], chart: "bars" }),
];
const { id } = await put(cairn, `${project}/dashboards`, { name: "The shop" }, "POST");
await put(cairn, `${project}/dashboards/${id}`, { tiles: reports.map((report, at) => ({ report: report.id, width: [2, 1, 1, 2][at] })) }, "PATCH");
await app.goto(`${cairn.url}/dashboards?board=${id}`);
await app.locator("canvas").nth(2).waitFor();
await picture(app, "dashboard");

const { ticket } = await ask(cairn, `${project}/visualizer`, { origin: new URL(cairn.shop).origin, app: cairn.url });
const site = await (await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce" })).newPage();
await site.goto(`${cairn.shop}#cairn-visualizer=${ticket}`);
await site.getByTestId("bar").waitFor();
await site.locator("#products [data-testid=add-to-cart]").first().click();
await site.locator("[data-testid=stats][aria-busy=false][data-users]").waitFor();
await picture(site, "visualizer");

await browser.close();
await cairn.stop();
cairn.remove();
