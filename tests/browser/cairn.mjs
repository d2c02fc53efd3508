// Starts the product as its users do: `cairn demo`, on free ports and a folder of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const target = process.env.CARGO_TARGET_DIR || join(root, "target");
const binary = process.env.CAIRN || join(target, "debug", "cairn");
const START_MS = 60_000;

/** A running `cairn demo` with an empty project: its URLs, its folder, and how to stop it. */
export const startCairn = (...more) => start("--no-history", ...more);

/** The same with the 90 days of the shop's history; `--events`, N: about so many events of it. */
export const startDemo = (...more) => start(...more);

async function start(...more) {
  if (!existsSync(binary)) throw new Error(`there is no ${binary}; build it by \`cargo build -p cairn\`, or set CAIRN`);
  const folder = mkdtempSync(join(tmpdir(), "cairn-e2e-"));
  const data = join(folder, "data");
  const args = ["demo", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0", "--data", data, ...more];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.on("data", (bytes) => (out += bytes));
  child.stderr.on("data", (bytes) => (out += bytes));
  const gone = new Promise((resolve) => child.on("exit", resolve));
  for (let waited = 0; !/Cairn is ready/.test(out); waited += 50) {
    if (waited > START_MS || child.exitCode !== null) throw new Error(`cairn did not start:\n${out}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const find = (pattern) => out.match(pattern)?.[1] ?? fail(pattern, out);
  return {
    data,
    signIn: find(/Sign in:\s+(\S+)/),
    url: find(/Cairn is ready:\s+(\S+)/),
    shop: find(/The shop:\s+(\S+)/),
    token: readFileSync(join(data, "token"), "utf8").trim(),
    async stop() {
      child.kill("SIGTERM");
      await gone;
      return out;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The API, as a program asks it. */
export async function ask(cairn, path, body) {
  const init = { headers: { authorization: `Bearer ${cairn.token}` } };
  if (body) Object.assign(init, { method: "POST", body: JSON.stringify(body) });
  const answer = await fetch(`${cairn.url}/api/${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function fail(pattern, out) {
  throw new Error(`cairn did not print ${pattern}:\n${out}`);
}
