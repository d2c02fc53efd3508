// What an analyst chooses on the card, and the selector and predicate that this makes.

import type { Element } from "./chain";
import { chosenParts, ident, isNamed, partsOf, type Part } from "./names";

export type EventType = "click" | "change" | "submit";

/** A predicate of docs/api.md, as far as the card makes them. */
export type Predicate = Record<string, unknown>;

/** What was pointed at. */
export interface Picked {
  /** From the root to the element. */
  chain: Element[];
  /** Its text as events have it, or none. */
  text: string | undefined;
  /** It has elements inside, on which a click may land. */
  hasInner: boolean;
  path: string;
  /** The nearest place in the chain, from the element up, at which there are others like it; null if there is none. */
  place: number | null;
}

export interface Choices {
  name: string;
  type: EventType;
  /** Everywhere, on this page alone, or on the paths that fit `pattern`. */
  page: "any" | "this" | "pattern";
  pattern: string;
  /** Whether the event's text must be that of the element. */
  text: boolean;
  /** The element's own names that count, as CSS. */
  own: string[];
  /** Whether the tag counts. */
  tag: boolean;
  /** The containers that count, as places in the chain; none if containers are ignored. */
  containers: number[];
  /** Whether the place among its siblings counts. */
  position: boolean;
  /** Whether clicks on what is inside count, too. */
  inside: boolean;
  /** Written by hand, in the place of all that makes one. */
  selector: string | null;
}

const target = (picked: Picked): Element => picked.chain[picked.chain.length - 1]!;

/** What most people would choose: the element's most lasting name, wherever it is. */
export function firstChoices(picked: Picked): Choices {
  const element = target(picked);
  const own = chosenParts(element);
  const type = typeOf(element);
  const strength = own[0]?.rank;
  const telling = !!picked.text && picked.text.length <= 80 && isLabelled(element);
  const text = telling && strength !== "mark" && strength !== "hint";
  return {
    name: "",
    type,
    page: "any",
    pattern: patternOf(picked.path),
    text,
    own: own.map((part) => part.css),
    tag: strength !== "mark",
    containers: strength === "mark" || strength === "hint" || text ? [] : nearestNamed(picked.chain),
    position: false,
    inside: type === "click" && picked.hasInner,
    selector: null,
  };
}

function typeOf({ tag, attributes }: Element): EventType {
  if (tag === "form") return "submit";
  const presses = /^(button|submit|reset|image)$/i.test(attributes.get("type") ?? "");
  return /^(select|textarea)$/.test(tag) || (tag === "input" && !presses) ? "change" : "click";
}

const isLabelled = ({ tag, attributes }: Element): boolean =>
  /^(a|button|label|summary|legend|option)$/.test(tag) ||
  /^(button|link|tab|menuitem|option|switch|checkbox|radio)$/.test(attributes.get("role") ?? "");

/** The nearest container with a mark or an id, which need not be there. */
function nearestNamed(chain: Element[]): number[] {
  for (let at = chain.length - 2; at > 0; at--) if (isNamed(chain[at]!)) return [at];
  return [];
}

/** The selector of the element itself, without what is inside. */
export function selectorOf(picked: Picked, choices: Choices): string {
  if (choices.selector !== null) return choices.selector.trim();
  const last = picked.chain.length - 1;
  const at = choices.position ? picked.place : null;
  const places = new Set([...choices.containers, last, ...(at === null ? [] : [at])]);
  const compounds = [...places].sort((a, b) => a - b).map((place) => {
    const element = picked.chain[place]!;
    const position = place === at ? `:nth-of-type(${element.position![2]})` : "";
    return (place === last ? compound(element, choices, position !== "") : container(element, position !== "")) + position;
  });
  return compounds.join(" ");
}

function compound(element: Element, { own, tag }: Choices, withTag: boolean): string {
  const names = partsOf(element).filter((part) => own.includes(part.css));
  // An attribute's value may be followed by anything, a tag must come first.
  return (tag || withTag || !names.length ? ident(element.tag) : "") + names.map((part) => part.css).join("");
}

/** How a container is called in a selector. */
export function container(element: Element, withTag = false): string {
  const names: Part[] = chosenParts(element);
  const tag = withTag || names[0]?.rank !== "mark" ? ident(element.tag) : "";
  return tag + names.map((part) => part.css).join("");
}

/** The selector with what is inside, as far as that counts. */
export function wholeSelector(picked: Picked, choices: Choices): string {
  const selector = selectorOf(picked, choices);
  return choices.inside && choices.selector === null ? `${selector}, ${selector} *` : selector;
}

export function predicateOf(picked: Picked, choices: Choices): Predicate {
  const all: Predicate[] = [{ type: choices.type }, { selector: wholeSelector(picked, choices) }];
  if (choices.text && picked.text) all.push({ property: "target_text", is: picked.text });
  if (choices.page === "this") all.push({ property: "path", is: picked.path });
  if (choices.page === "pattern") all.push({ property: "path", glob: choices.pattern });
  return { all };
}

/** A pattern for pages like this one: its numbers are any, or else its last part is, where there is one before it. */
export function patternOf(path: string): string {
  const parts = path.split("/");
  if (parts.some((part) => /^\d+$/.test(part))) return parts.map((part) => part.replace(/^\d+$/, "*")).join("/");
  return path.replace(/^(\/[^]+\/)[^/]+(\/?)$/, "$1*$2");
}

/** A name to begin with: what is done, and to what. */
export function nameFor(picked: Picked, type: EventType, taken: ReadonlySet<string>): string {
  const verb = { click: "Click", change: "Change", submit: "Submit" }[type];
  const what = words(picked) || target(picked).tag;
  const name = `${verb} ${what}`.slice(0, 60).trim();
  for (let n = 1; ; n++) {
    const next = n === 1 ? name : `${name} ${n}`;
    if (!taken.has(next)) return next;
  }
}

function words({ chain, text }: Picked): string {
  const { attributes, id } = chain[chain.length - 1]!;
  if (text && text.length <= 40) return text;
  for (const name of ["aria-label", "title", "alt", "placeholder"]) if (attributes.get(name)?.trim()) return attributes.get(name)!.trim();
  const mark = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "data-cairn-name", "name"].map((name) => attributes.get(name)).find(Boolean);
  return (mark ?? id ?? text?.slice(0, 40) ?? "").replace(/[-_]+/g, " ").trim();
}

/** An element as people read it: its tag and its best name. */
export function shown(element: Element): string {
  const [part] = chosenParts(element);
  return element.tag + (part?.css ?? "");
}
