// The page under the overlay, read with the snippet's own code: what it would capture of an element is what is matched here.

import { CHAIN_BYTES_MAX, chainOf, describe, ELEMENTS_MAX as CHAIN_MAX, hrefOf, pathTo, type Path } from "../../snippet/src/chain";
import { hashRouting } from "../../snippet/src/config";
import { withoutSecrets } from "../../snippet/src/privacy";
import { ownText } from "../../snippet/src/text";
import { markForeign, parseChain, parseElement, type Element as Link } from "./chain";
import type { Picked, Predicate } from "./choices";
import { evaluate, selectorList, type Facts } from "./evaluate";
import { couldMatch } from "./selector/match";
import type { Complex } from "./selector/parse";

/** Elements of a page that are looked at; very long pages have more. */
const ELEMENTS_MAX = 20_000;
/** Elements that are shown as matching. */
export const MATCHES_MAX = 500;

export const pagePath = (): string => location.pathname + (hashRouting ? withoutSecrets(location.hash) : "");
export const pageDomain = (): string => location.hostname;

const MARKED = "[data-testid],[data-test-id],[data-test],[data-cy],[data-qa],[data-cairn-name]";
const ACTIVE =
  "a,button,label,summary,select,textarea,input,option,[role=button],[role=link],[role=tab],[role=menuitem],[role=option]," +
  `[role=switch],[role=checkbox],[role=radio],${MARKED}`;

/** The element that is meant when `hit` is pointed at: the button rather than the picture in it. */
export function meant(hit: Element): Element {
  for (let el: Element | null = hit; el && el !== document.body; el = parentOf(el)) {
    if (el.matches(ACTIVE)) return el.localName === "option" ? (el.closest("select") ?? el) : el;
  }
  return hit;
}

export function parentOf(el: Element): Element | null {
  const root = el.parentNode;
  return el.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** What would be captured of the element; nothing where the site wants none. */
export function pick(el: Element): Picked | null {
  const path = pathTo(el);
  if (!path) return null;
  // In an editor, what is captured is the editor.
  const target = path.elements[0]!;
  const chain = parseChain(chainOf(path));
  const steps = path.elements.findIndex(hasTwin);
  return {
    chain,
    text: path.silent ? undefined : ownText(target),
    hasInner: target.childElementCount > 0 || !!target.shadowRoot,
    path: pagePath(),
    place: steps < 0 || steps > chain.length - 2 ? null : chain.length - 1 - steps,
  };
}

/** Has a sibling that looks like it: one of a list rather than a part of something. */
function hasTwin(el: Element): boolean {
  const like = (other: Element): boolean => other !== el && other.localName === el.localName && other.getAttribute("class") === el.getAttribute("class");
  return [...(el.parentNode?.children ?? [])].some(like);
}

/** The elements that an event could happen on, in document order, through open shadow roots. */
export function everyElement(skip: Element): Element[] {
  const found: Element[] = [];
  const walk = (root: ParentNode): void => {
    for (const el of root.querySelectorAll("*")) {
      if (el === skip || found.length >= ELEMENTS_MAX) continue;
      found.push(el);
      if (el.shadowRoot) walk(el.shadowRoot);
    }
  };
  walk(document);
  return found;
}

const EMPTY = new Map<string, string>();

/** What elements are in chains, plain and masked, until the page changes. */
let links = new WeakMap<Element, ({ link: Link; chars: number } | undefined)[]>();

export function forgetElements(): void {
  links = new WeakMap();
}

/** As the chain's text would be read, without writing it where it is not cut. */
function chainLinks(path: Path): Link[] {
  const { elements, masked } = path;
  let chars = 0;
  const found = elements.map((el, i) => {
    const known = links.get(el) ?? [];
    links.set(el, known);
    const read = (known[+(i < masked)] ??= readLink(el, i < masked));
    chars += read.chars;
    return read.link;
  });
  // A character is 3 bytes at most in a string's units.
  if (elements.length > CHAIN_MAX || 3 * chars > CHAIN_BYTES_MAX) return parseChain(chainOf(path));
  return markForeign(found.reverse());
}

function readLink(el: Element, masked: boolean): { link: Link; chars: number } {
  const text = describe(el, masked);
  return { link: parseElement(text), chars: text.length + 1 };
}

/** An attribute's value where capturing it would not change it: it may be left out, but that matches nothing either. */
function glance(el: Element, name: string): string | null | undefined {
  const value = el.getAttribute(name);
  const mayChange = value !== null && (name === "class" || value.length > 300 || (/^(href|action)$/.test(name) && value.includes("=")));
  return mayChange ? undefined : value;
}

function factsOf(el: Element): Facts {
  let path: ReturnType<typeof pathTo> | null = null;
  const read = (): ReturnType<typeof pathTo> => (path === null ? (path = pathTo(el)) : path);
  const field = /^(input|select|textarea)$/.test(el.localName);
  return {
    types: ["click", ...(field ? ["change"] : []), ...(el.localName === "form" ? ["submit"] : [])],
    could(list: Complex[]): boolean {
      const id = el.getAttribute("id");
      const classes = (el.getAttribute("class") ?? "").split(/[\t\n\f\r ]+/);
      const target = { tag: el.localName.toLowerCase(), id, classes, attributes: EMPTY, position: null, foreign: false };
      return couldMatch(list, target, (name) => glance(el, name));
    },
    chain(): Link[] | null {
      const found = read();
      return found?.elements[0] === el ? chainLinks(found) : null;
    },
    properties: {
      target_text: () => {
        const found = read();
        return found && !found.silent ? ownText(el) : undefined;
      },
      target_tag: () => el.localName.toLowerCase(),
      target_id: () => el.getAttribute("id") || undefined,
      href: () => {
        const found = read();
        return found && hrefOf(found);
      },
      path: pagePath,
      domain: pageDomain,
      title: () => document.title,
      query: () => withoutSecrets(location.search.slice(1)) || undefined,
    },
  };
}

/** So long a page may not answer while it is looked through. */
const SLICE_MS = 8;

/** Lets the page do what waits. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/**
 * The elements, in document order, on which the event would happen; of those within each other the outer ones. Looked for a little at a
 * time; none once nobody wants them any more.
 */
export async function matching(predicate: Predicate, elements: Element[], signal: AbortSignal): Promise<Element[]> {
  const found: Element[] = [];
  const outer = new Set<Element>();
  let until = performance.now() + SLICE_MS;
  for (const el of elements) {
    if (performance.now() > until) {
      await breath();
      until = performance.now() + SLICE_MS;
    }
    if (signal.aborted) return [];
    if (found.length >= MATCHES_MAX) break;
    if (evaluate(predicate, factsOf(el)) === false || isWithin(el, outer)) continue;
    outer.add(el);
    found.push(el);
  }
  return found;
}

function isWithin(el: Element, outer: Set<Element>): boolean {
  if (!outer.size) return false;
  for (let above = parentOf(el); above; above = parentOf(above)) if (outer.has(above)) return true;
  return false;
}

/** Whether the text is a selector that the server takes. */
export const isSelector = (text: string): boolean => selectorList(text) !== null;
