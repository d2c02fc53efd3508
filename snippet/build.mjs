// Builds dist/cairn.js and refuses one that has outgrown its promise to customers.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

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

// Inlines what is used once, which esbuild does not over files: 4 % of the size.
const { code } = await minify(readFileSync(here + "dist/cairn.js", "utf8"), { ecma: 2020, toplevel: true, compress: { passes: 3 } });
writeFileSync(here + "dist/cairn.js", code);
const script = Buffer.from(code);
const gzipBytes = gzipSync(script, { level: 9 }).length;
console.log(`dist/cairn.js: ${script.length} bytes, ${gzipBytes} gzipped (limit ${GZIP_LIMIT_BYTES})`);
if (gzipBytes > GZIP_LIMIT_BYTES) {
  console.error(`The capture script is ${gzipBytes - GZIP_LIMIT_BYTES} bytes over its limit.`);
  process.exit(1);
}
