// Every page of the app, as its router has them: whoever adds one adds it here, too, without knowing.
import { readFileSync } from "node:fs";

import { ask } from "./cairn.mjs";

const ROUTER = new URL("../../web/src/router.tsx", import.meta.url);

/** Of pages about one thing, which things: from the API, so that what is there is shown. */
const EXAMPLES = {
  "/users/$id": async (cairn, project, most) => {
    const { users } = await ask(cairn, `projects/${project}/query`, { users: { limit: most } });
    return users.users.map(({ handle, user_ids }) => encodeURIComponent(handle === null ? user_ids[0] : handle));
  },
};

/** Views of a page that its bare address does not show. */
const VIEWS = {
  "/dashboards": ["?board=1", "?board=99"],
  "/define": ["?predicate=%7B%22all%22%3A%5B%7B%22type%22%3A%22click%22%7D%5D%7D"],
  "/graph": [
    "?group=event:target_text&days=7", "?group=event:path&interval=whole&days=7", "?event=No+such+event",
    "?event=type:pageview&event=type:click&measure=users&measure=count_per_user&formula=A+/+B&previous=1&trailing=3&chart=bars&days=7", "?chart=table&group=user:plan", "?measure=histogram:amount&days=7", "?measure=histogram:amount&group=event:path&days=7",
  ],
  "/funnel": ["?step=type:pageview&step=type:click&group=event:path&days=7", "?step=No+such+event", "?step=type:pageview&step=type:click&exclude=type:submit&hold=path&trend=day&days=7"],
  "/retention": ["?group=user:plan&days=7", "?interval=day&days=7&show=users"],
  "/paths": ["?days=7&depth=2", "?node=type:click&node=type:pageview&direction=to&days=7"],
  "/pivot": ["?row=event:target_text&column=event:path&days=7", "?measure=users&row=user:plan&days=7", "?row=event:target_text&column=event:path&show=row&days=7"],
  "/activity": ["?view=lifecycle&interval=day&days=7"],
  "/segments": ["?who=%7B%22any%22%3A%5B%7B%22did%22%3A%7B%22type%22%3A%22click%22%7D%2C%22in%22%3A%227d%22%7D%2C%7B%22all%22%3A%5B%7B%22user%22%3A%22plan%22%2C%22is_set%22%3Atrue%7D%5D%7D%5D%7D"],
  "/users": ["?q=nobody-is-called-that", "?sort=handle&dir=asc"],
  "/users/$id": [],
};

/** The paths that the router knows, `$name` standing for what a page is about. */
export function routes() {
  const source = readFileSync(ROUTER, "utf8");
  const paths = [...source.matchAll(/\bpath: ?['"]([^'"]+)['"]/g)].map((match) => match[1]);
  const made = source.match(/\bcreateRoute\(/g)?.length ?? 0;
  if (paths.length < 6 || paths.length !== made) throw new Error(`${made} routes are made in router.tsx, and ${paths.length} paths found: see pages.mjs`);
  return paths.filter((path) => path !== "/");
}

/** The addresses of all pages, with at most so many examples of what each is about, and a page that there is not. */
export async function pages(cairn, project, most = 50) {
  const found = [];
  for (const path of routes()) {
    const things = path.includes("$") ? await examplesOf(path, cairn, project, most) : [path];
    for (const thing of things) found.push(thing, ...(VIEWS[path] ?? []).map((view) => thing + view));
  }
  return [...found, "/there-is-no-such-page"];
}

async function examplesOf(path, cairn, project, most) {
  const examples = EXAMPLES[path];
  if (!examples) throw new Error(`of what is ${path}? Say it in EXAMPLES of tests/browser/pages.mjs`);
  const things = await examples(cairn, project, most);
  if (things.length === 0) throw new Error(`there is nothing for ${path} to show`);
  return things.map((thing) => path.replace(/\$\w+/, () => thing));
}

/** Waits until a page shows what it has, or what is wrong. */
export async function shown(page) {
  const settled = () => document.querySelector("h1, h2") !== null && !document.querySelector("[aria-label='Loading…'], [aria-busy=true]");
  await page.waitForFunction(settled, null, { timeout: 15_000 }).catch(async () => {
    throw new Error(`${page.url()} shows only: ${await page.locator("body").innerText()}`);
  });
  // What fades in is there, and what moves has come to rest.
  await page.waitForTimeout(250);
}

/** Events for pages to show, of people who are identified and who are not. */
export async function seed(cairn, messages) {
  const { projects } = await ask(cairn, "projects");
  const [{ id, write_key: key }] = projects;
  const answer = await fetch(`${cairn.url}/ingest/${key}`, { method: "POST", body: JSON.stringify({ messages }) });
  const taken = await answer.json();
  if (answer.status !== 200 || taken.refused.length > 0) throw new Error(`refused: ${JSON.stringify(taken)}`);
  for (let waited = 0; ; waited += 20) {
    const ledger = await ask(cairn, `projects/${id}/ledger`);
    if (ledger.log.every((end, at) => ledger.positions[at]?.offset >= end.offset)) return id;
    if (waited > 5_000) throw new Error("the store did not catch up");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The API, as a program changes something. */
export async function put(cairn, path, body, method = "PUT") {
  const headers = { authorization: `Bearer ${cairn.token}`, "content-type": "application/json" };
  const answer = await fetch(`${cairn.url}/api/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A dashboard of this name with a saved graph of each of these events, named like them; and one of a kind that nobody knows. */
export async function dashboard(cairn, project, name, events) {
  const report = (kind, event) => put(cairn, `projects/${project}/reports`, { name: event, kind, state: { event, days: 14 } }, "POST");
  const tiles = [];
  for (const event of events) tiles.push({ report: (await report("graph", event)).id, width: 1 });
  tiles.push({ report: (await report("unknown", `${events[0]} by another version`)).id, width: 2 });
  const { id } = await put(cairn, `projects/${project}/dashboards`, { name }, "POST");
  await put(cairn, `projects/${project}/dashboards/${id}`, { tiles }, "PATCH");
}

let nextEvent = 7_394_837_120_385_000_000n;

/** An event that capture takes. */
export function event(user, type, properties, more = {}) {
  return { type, user_id: String(user), event_id: String(nextEvent++), time: Date.now() - 60_000, properties, ...more };
}
