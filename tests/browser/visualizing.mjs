// What tests of the visualizer share.
import assert from "node:assert/strict";

import { ask } from "./cairn.mjs";

export const VIEWPORT = { width: 1280, height: 900 };
/** A headless browser names itself one, and so counts as a bot; these visitors are people. */
export const PERSON = { viewport: VIEWPORT, userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36" };

/** What went wrong on pages that are watched. */
export const problems = [];

/** A page whose errors, and those of the pages that it opens, fail the test that is running. */
export async function watched(context) {
  context.on("weberror", (error) => problems.push(String(error.error())));
  context.on("console", (message) => message.type() === "error" && problems.push(`${message.page()?.url()}: ${message.text()}`));
  return context.newPage();
}

export async function until(look) {
  for (const end = Date.now() + 10_000; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`${look} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const card = (page) => page.getByTestId("card");
export const stats = async (page) => {
  const found = page.locator("[data-testid=stats][aria-busy=false][data-users]");
  await found.waitFor();
  return { count: Number(await found.getAttribute("data-count")), users: Number(await found.getAttribute("data-users")) };
};

/** A page with the visualizer on it. */
export async function visualizer({ cairn, browser, project }, url) {
  const { ticket } = await ask(cairn, `projects/${project.id}/visualizer`, { origin: new URL(url).origin, app: cairn.url });
  const page = await watched(await browser.newContext(PERSON));
  await page.goto(`${url}#cairn-visualizer=${ticket}`);
  return page;
}

export function assertNoProblems() {
  assert.deepEqual(problems.splice(0), []);
}
