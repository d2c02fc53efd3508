// The overlay's parts that need no page, for tests in Node.
import { build } from "esbuild";

export async function load() {
  const { outputFiles } = await build({
    entryPoints: [new URL("../src/pure.ts", import.meta.url).pathname],
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
