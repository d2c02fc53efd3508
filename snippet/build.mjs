// Builds dist/cairn.js and refuses one that has outgrown its promise to customers.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const GZIP_LIMIT_BYTES = 6144;
const here = new URL(".", import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(here + "package.json", "utf8"));

await build({
  entryPoints: [here + "src/index.ts"],
  outfile: here + "dist/cairn.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  mangleProps: /Ms$|^(inFlight|elements|masked|silent|facts|started|changed|touched|userId|sessionId|handlePrint|jsonText)$/, // ours, never on the wire
  define: { __VERSION__: JSON.stringify(version) },
});

const script = readFileSync(here + "dist/cairn.js");
const gzipBytes = gzipSync(script, { level: 9 }).length;
console.log(`dist/cairn.js: ${script.length} bytes, ${gzipBytes} gzipped (limit ${GZIP_LIMIT_BYTES})`);
if (gzipBytes > GZIP_LIMIT_BYTES) {
  console.error(`The capture script is ${gzipBytes - GZIP_LIMIT_BYTES} bytes over its limit.`);
  process.exit(1);
}
