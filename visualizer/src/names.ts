// Which of an element's names last: those that a person gave it, rather than a build tool or a style sheet.

import type { Element } from "./chain";

/** Attributes that people put there to be found by, best first. */
const MARKS = "data-testid data-test-id data-test data-cy data-qa data-cairn-name".split(" ");
/** Attributes that say what an element is for, best first. */
const HINTS = "data-action name for action href aria-label alt title placeholder role type".split(" ");
const VALUE_MAX = 80;

/** One of an element's names, as part of a selector. */
export interface Part {
  css: string;
  /** How long it can be relied on: a mark or id, a hint, a class, or a name that will change. */
  rank: "mark" | "hint" | "class" | "passing";
}

/** All names of an element, the most lasting first. */
export function partsOf(element: Element): Part[] {
  const parts: Part[] = [];
  const add = (css: string, rank: Part["rank"]): unknown => parts.push({ css, rank });
  for (const name of MARKS) if (element.attributes.has(name)) add(attribute(name, element.attributes.get(name)!), "mark");
  if (element.id) add(`#${ident(element.id)}`, isLasting(element.id) ? "mark" : "passing");
  for (const name of HINTS) {
    const value = element.attributes.get(name);
    if (value !== undefined) add(attribute(name, value), isTelling(name, value) ? "hint" : "passing");
  }
  for (const [name, value] of element.attributes) {
    if (!MARKS.includes(name) && !HINTS.includes(name)) add(attribute(name, value), "passing");
  }
  const classes = [...new Set(element.classes)];
  for (const name of classes) if (isLastingClass(name)) add(`.${ident(name)}`, "class");
  for (const name of classes) if (!isLastingClass(name)) add(`.${ident(name)}`, "passing");
  const order = ["mark", "hint", "class", "passing"];
  return parts.sort((a, b) => order.indexOf(a.rank) - order.indexOf(b.rank));
}

/** The names to begin with: the first mark, else the first hint, else up to two classes. */
export function chosenParts(element: Element): Part[] {
  const parts = partsOf(element);
  const [first] = parts;
  if (!first || first.rank === "passing") return [];
  return first.rank === "class" ? parts.filter((part) => part.rank === "class").slice(0, 2) : [first];
}

/** Whether it has a name that finds it anywhere on the page. */
export function isNamed(element: Element): boolean {
  return chosenParts(element)[0]?.rank === "mark";
}

function isTelling(name: string, value: string): boolean {
  if (value.trim() === "" || value.length > VALUE_MAX) return false;
  // "Cart, 3 items", "Page 7 of 9": what counts changes.
  if (/^(aria-label|alt|title|placeholder)$/.test(name)) return !/\d/.test(value);
  if (name === "href" || name === "action") return !/^#|[?&]/.test(value);
  if (name === "role" || name === "type") return !/^(button|link|text|presentation|none|group)$/i.test(value);
  return isLasting(value) || name !== "name";
}

export function isLastingClass(name: string): boolean {
  return isLasting(name) && !isUtility(name) && !STATE.test(name);
}

/** Classes that come and go with what the visitor does. */
const STATE = /^(is|has|js)-|(^|[-_])(active|open|opened|closed|hover|focus|focused|selected|disabled|loading|visible|hidden|show|shown|in|current)$/i;

/** Prefixes that libraries make names with. */
const GENERATED = /^(css|sc|jsx|jss|emotion|svelte|radix|mui|headlessui|ember|react-aria|rc|ng-tns|_ngcontent|makeStyles|tss|astro|data-v|chakra-[a-z]+-\d|mantine|r)[-_:]|^:r|^_[^_]/i;

/** False for names that a build tool made and the next build changes: hashes, counters. */
export function isLasting(name: string): boolean {
  if (name.length > 60 || !/^[A-Za-z_][\w-]*$/.test(name)) return false;
  if (GENERATED.test(name) || /\d{3,}/.test(name) || /^(sc|jsx)-?[A-Za-z\d]{5,}$/.test(name)) return false;
  return !name.split(/[-_]+/).some(isHash);
}

/** Five and more letters that change between cases or mix with digits, as no word does. */
function isHash(word: string): boolean {
  if (word.length < 5) return false;
  const turns = word.match(/[a-z][A-Z]|[A-Z]{2}[a-z]|[a-z]\d|\d[a-zA-Z]/g)?.length ?? 0;
  const digits = /\d/.test(word);
  return (digits && turns >= 2) || (turns >= 3 && word.length <= 10) || (word.length <= 8 && !/[aeiouy]/i.test(word));
}

const UTILITY = new RegExp(
  "^-?(" +
    // With any value: nobody names a thing like this.
    "([mp][trblxyse]?|[wh]|min-[wh]|max-[wh]|gap|inset|z|basis|grow|shrink|flex|grid|leading|tracking|bg|rounded|shadow|ring|divide|opacity|" +
    "text|font|items|justify|overflow|overscroll|transition|duration|delay|animate|scale|rotate|translate|skew|cursor|whitespace|aspect|" +
    "space-[xy]|col|col-(sm|md|lg|xl)|row|d|fs|fw|lh|g|gx|gy)-[\\w.%-]+|" +
    // With such a value: `order-1` is none, `order-summary` is a name.
    "(border|outline|size|top|left|right|bottom|start|end|order|content|self|place|object|from|via|to|float|clear|align|break|list|line|" +
    "select|fill|stroke|columns|origin|ease|blur|underline|decoration|pointer|resize|snap|touch)-" +
    "(\\d[\\w.%]*|[xytrblse]|[xytrblse]-\\w+|auto|none|full|px|first|last|start|end|center|left|right|top|bottom|middle|stretch|cover|contain|all|disc|decimal|" +
    "inside|words|clamp-\\d|in|out|in-out|linear|events-none|events-auto|[a-z]+-\\d{2,3}|transparent|current)|" +
    "flex|grid|border|rounded|shadow|ring|transition|transform|block|inline|inline-\\w+|contents|container|static|fixed|absolute|relative|sticky|" +
    "invisible|truncate|uppercase|lowercase|capitalize|normal-case|italic|not-italic|antialiased|sr-only|not-sr-only|isolate|group|peer|prose|row|col|" +
    "underline|grow|shrink" +
    ")$",
);

/** Says how an element looks, as Tailwind's and Bootstrap's utilities do. */
export function isUtility(name: string): boolean {
  return /[:/[\]!@]/.test(name) || UTILITY.test(name);
}

export function attribute(name: string, value: string): string {
  return `[${name}="${value.replace(/["\\]/g, "\\$&").replace(/[\n\r\f\0]/g, (c) => `\\${c.charCodeAt(0).toString(16)} `)}"]`;
}

/** A name as CSS writes it: `md:w-1/2` is `md\\:w-1\\/2`. */
export function ident(name: string): string {
  let text = "";
  [...name].forEach((c, i) => {
    const code = c.codePointAt(0)!;
    const leads = i === 0 || (i === 1 && name[0] === "-");
    if (code < 0x20 || code === 0x7f || (leads && /\d/.test(c))) text += `\\${code.toString(16)} `;
    else text += name === "-" || (code < 0x80 && !/[\w-]/.test(c)) ? `\\${c}` : c;
  });
  return text;
}
