// What browsers have to load, packed, beside its limits: node scripts/sizes.mjs. Fails over any of them.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const KB = 1024;

/** Each with the files that are loaded; nothing where the part is not there. */
const parts = [
  { name: "snippet", limit: 6 * KB, files: built("snippet/dist", ["cairn.js"]) },
  { name: "visualizer", limit: 40 * KB, files: visualizer() },
  { name: "app, first load", limit: 400 * KB, files: firstLoad() },
];

let over = false;
for (const { name, limit, files } of parts) {
  if (files === null) {
    console.log(`${name.padEnd(16)} not built`);
    continue;
  }
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
  const shown = (bytes) => `${(bytes / KB).toFixed(1)} KB`.padStart(9);
  console.log(`${name.padEnd(16)} ${shown(size)} of ${shown(limit)} ${size > limit ? "  OVER ITS LIMIT" : ""}`);
  over ||= size > limit;
}
process.exitCode = over ? 1 : 0;

function built(folder, names) {
  const files = names.map((name) => join(root, folder, name));
  for (const file of files) if (!existsSync(file)) fail(`${file} is missing: build it first (make build)`);
  return files;
}

/** All that its folder is built into; a folder without a build is a mistake, no folder is none. */
function visualizer() {
  if (existsSync(join(root, "snippet/dist/visualizer.js"))) return built("snippet/dist", ["visualizer.js"]);
  if (!existsSync(join(root, "visualizer"))) return null;
  const dist = join(root, "visualizer/dist");
  const files = existsSync(dist) ? readdirSync(dist, { recursive: true }).filter((file) => /\.(js|css)$/.test(file)) : [];
  if (files.length === 0) fail("visualizer/dist is missing: build it first (make build)");
  return files.map((file) => join(dist, file));
}

/** The page, what it names, and what those import before they run. What is imported on demand is not in it. */
function firstLoad() {
  const dist = join(root, "web/dist");
  const [page] = built("web/dist", ["index.html"]);
  const html = readFileSync(page, "utf8");
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
  if (!named.some((path) => path.endsWith(".js"))) fail("web/dist/index.html loads no script: build the web app first (make build)");
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    if (!path.endsWith(".js")) return;
    const code = readFileSync(join(dist, path), "utf8");
    const imports = code.matchAll(/(?:\bfrom|\bimport)\s*["'](\.{1,2}\/[^"']+)["']/g);
    for (const match of imports) visit(posix.join(posix.dirname(path), match[1]));
  };
  named.forEach(visit);
  return [page, ...[...seen].map((path) => join(dist, path))];
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
