// What a browser says about selectors: node selectors.mjs CASES.json OUT.json
//
// CASES: [{"tree": Node, "selectors": ["…"]}], Node: {"tag": "a", "svg": false, "attributes": [["href", "/"]], "children": [Node]}.
// OUT:   [{"elements": [Facts, in document order], "matches": ["0101…", one digit an element, or null where it throws]}].
import { readFileSync, writeFileSync } from "node:fs";
import { launchChromium } from "./chromium.mjs";

const [casesPath, outPath] = process.argv.slice(2);
if (!outPath) {
  console.error("usage: node selectors.mjs CASES.json OUT.json");
  process.exit(2);
}

const casesPerCall = 200;
const cases = JSON.parse(readFileSync(casesPath, "utf8"));
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  const answers = [];
  for (let start = 0; start < cases.length; start += casesPerCall) {
    answers.push(...(await page.evaluate(answer, cases.slice(start, start + casesPerCall))));
  }
  writeFileSync(outPath, JSON.stringify(answers));
} finally {
  await browser.close();
}

// Runs in the page.
function answer(cases) {
  const build = (document, node) => {
    const element = node.svg
      ? document.createElementNS("http://www.w3.org/2000/svg", node.tag)
      : document.createElement(node.tag);
    for (const [name, value] of node.attributes) element.setAttribute(name, value);
    for (const child of node.children) element.append(build(document, child));
    return element;
  };
  const facts = (element) => {
    const siblings = element.parentElement ? [...element.parentElement.children] : [element];
    const same = siblings.filter((other) => other.localName === element.localName);
    return {
      tag: element.localName.toLowerCase(),
      id: element.getAttribute("id"),
      class: element.getAttribute("class"),
      position: [siblings.indexOf(element) + 1, siblings.length, same.indexOf(element) + 1, same.length],
    };
  };
  return cases.map(({ tree, selectors }) => {
    // A document made this way is in no-quirks mode, as a page with a doctype is.
    const document = window.document.implementation.createHTMLDocument("");
    document.replaceChild(build(document, tree), document.documentElement);
    const elements = [...document.querySelectorAll("*")];
    const matches = selectors.map((selector) => {
      try {
        return elements.map((element) => (element.matches(selector) ? "1" : "0")).join("");
      } catch {
        return null;
      }
    });
    return { elements: elements.map(facts), matches };
  });
}
