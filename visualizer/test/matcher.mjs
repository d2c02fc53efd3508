// What the overlay's matcher says of selectors: node matcher.mjs CASES.json OUT.json, for crates/model/tests/selectors.
//
// CASES: [{"chains": ["…"], "selectors": ["…"]}]. OUT: [["0101…", one digit a chain, or null where it is refused]].
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const { matches, parseChain, parseSelector } = await load();
const [casesPath, outPath] = process.argv.slice(2);

const answers = JSON.parse(readFileSync(casesPath, "utf8")).map(({ chains, selectors }) => {
  const parsed = chains.map(parseChain);
  return selectors.map((selector) => {
    const list = parseSelector(selector);
    return list && parsed.map((chain) => (matches(list, chain) ? "1" : "0")).join("");
  });
});
writeFileSync(outPath, JSON.stringify(answers));
