// Builds dist/visualizer.js and refuses one that has outgrown its limit.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const GZIP_LIMIT_BYTES = 40_960;
const here = new URL(".", import.meta.url).pathname;

await build({
  entryPoints: [here + "src/index.ts"],
  outfile: here + "dist/visualizer.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  // The snippet's version, which the overlay has no use for, and its tag, as an imported script has none.
  define: { __VERSION__: '""', "document.currentScript": "window.cairn.tag" },
});

const script = readFileSync(here + "dist/visualizer.js");
const gzipBytes = gzipSync(script, { level: 9 }).length;
console.log(`dist/visualizer.js: ${script.length} bytes, ${gzipBytes} gzipped (limit ${GZIP_LIMIT_BYTES})`);
if (gzipBytes > GZIP_LIMIT_BYTES) {
  console.error(`The visualizer is ${gzipBytes - GZIP_LIMIT_BYTES} bytes over its limit.`);
  process.exit(1);
}
