// Whether a definition could match what may happen to an element: true, false, or unknown where the page cannot tell.

import type { Element } from "./chain";
import type { Predicate } from "./choices";
import { matches } from "./selector/match";
import { parseSelector, type Complex } from "./selector/parse";

/** What is known of an event before it happens. */
export interface Facts {
  types: string[];
  /** Asked for only where it decides. */
  chain(): Element[] | null;
  /** Whether the element could match at all; cheaper than its chain. */
  could(list: Complex[]): boolean;
  properties: Record<string, () => string | undefined>;
}

type Truth = boolean | undefined;

export function evaluate(predicate: Predicate, facts: Facts): Truth {
  const list = (value: unknown): Truth[] => (value as Predicate[]).map((each) => evaluate(each, facts));
  if ("all" in predicate) return every((predicate.all as Predicate[]).map((each) => () => evaluate(each, facts)));
  if ("any" in predicate) return not(every(list(predicate.any).map((truth) => () => not(truth))));
  if ("not" in predicate) return not(evaluate(predicate.not as Predicate, facts));
  if ("type" in predicate) return facts.types.includes(predicate.type as string);
  if ("selector" in predicate) return bySelector(predicate.selector as string, facts);
  if ("property" in predicate) return byProperty(predicate, facts);
  return "name" in predicate ? false : undefined;
}

/** False as soon as one is; the later ones are not asked. */
function every(truths: (() => Truth)[]): Truth {
  let all: Truth = true;
  for (const truth of truths) {
    const one = truth();
    if (one === false) return false;
    if (one === undefined) all = undefined;
  }
  return all;
}

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

const parsed = new Map<string, Complex[] | null>();

export function selectorList(text: string): Complex[] | null {
  let list = parsed.get(text);
  if (list === undefined) parsed.set(text, (list = parseSelector(text)));
  return list;
}

function bySelector(text: string, facts: Facts): Truth {
  const list = selectorList(text);
  if (!list || !facts.could(list)) return false;
  const chain = facts.chain();
  return !!chain && matches(list, chain);
}

function byProperty(condition: Predicate, facts: Facts): Truth {
  const read = facts.properties[condition.property as string];
  if (!read) return undefined;
  const value = read();
  if ("is_set" in condition) return value !== undefined;
  if ("is_not_set" in condition) return value === undefined;
  if (value === undefined) return false;
  if ("is" in condition) return value === condition.is;
  if ("is_not" in condition) return value !== condition.is_not;
  if ("in" in condition) return (condition.in as unknown[]).includes(value);
  if ("contains" in condition) return value.includes(String(condition.contains));
  if ("starts_with" in condition) return value.startsWith(String(condition.starts_with));
  if ("ends_with" in condition) return value.endsWith(String(condition.ends_with));
  if ("glob" in condition) return glob(String(condition.glob)).test(value);
  return undefined; // the server's patterns and orders are not a browser's
}

function glob(pattern: string): RegExp {
  const text = pattern.replace(/[.+^${}()|[\]\\/-]/g, "\\$&").replace(/\*/g, "[^]*").replace(/\?/g, "[^]");
  return new RegExp(`^${text}$`, "u");
}

/** Whether a definition says anything about the element, rather than about the page alone. */
export function isAboutElement(predicate: Predicate): boolean {
  const parts = [predicate.all, predicate.any, predicate.not && [predicate.not]].flat().filter(Boolean) as Predicate[];
  return "selector" in predicate || /^(target_|href)/.test(String(predicate.property ?? "")) || parts.some(isAboutElement);
}
