// What the overlay's matcher says of selectors: node matcher.mjs CASES.json OUT.json, for crates/model/tests/selectors.
//
// CASES: [{"chains": ["…"], "selectors": ["…"]}]. OUT: [["0101…", one digit a chain, or null where it is refused]].
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const { couldMatch, matches, parseChain, parseSelector } = await load();
const [casesPath, outPath] = process.argv.slice(2);

/** What is passed over at a glance must not match. */
function decided(list, chain) {
  const target = chain[chain.length - 1];
  const bare = { ...target, attributes: new Map(), position: null, foreign: false };
  const glance = (name) => (name === "class" ? undefined : name === "id" ? target.id : (target.attributes.get(name) ?? null));
  const found = matches(list, chain);
  if (found && !couldMatch(list, bare, glance)) throw new Error(`passed over: ${JSON.stringify(list)}`);
  return found;
}

const answers = JSON.parse(readFileSync(casesPath, "utf8")).map(({ chains, selectors }) => {
  const parsed = chains.map(parseChain);
  return selectors.map((selector) => {
    const list = parseSelector(selector);
    return list && parsed.map((chain) => (decided(list, chain) ? "1" : "0")).join("");
  });
});
writeFileSync(outPath, JSON.stringify(answers));
