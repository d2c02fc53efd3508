// The element chain: the path from the root to the target, as the API's documentation defines it.

import { byteLength, cutBytes } from "./bytes";
import { masked as mask } from "./config";
import { looksSecret, withoutSecrets } from "./privacy";
import { isEditable, isEdited, isField } from "./text";

const ATTRIBUTES = (
  "name type role href rel target title alt for action method aria-label placeholder " +
  "data-testid data-test-id data-test data-cy data-qa data-id data-action data-cairn-name"
).split(" ");
const MASKED = /^(href|action|title|alt|aria-label|placeholder)$/;
const URLS = /^(href|action)$/;
const SCRIPT_URL = /^(javascript|data|vbscript|blob):/i;
/** Of these inputs the value is the site's. */
const SITE_VALUE = /^(button|submit|reset|image|checkbox|radio)$/;

export const ELEMENTS_MAX = 64;
/** The server refuses a longer chain. */
export const CHAIN_BYTES_MAX = 8192;
const VALUE_BYTES_MAX = 1024;

/** The elements from the target up, or nothing where the site wants none recorded. */
export interface Path {
  elements: Element[];
  /** The first so many elements have their texts masked. */
  masked: number;
  /** The target's text is a person's. */
  silent: boolean;
}

export function pathTo(target: Element): Path | undefined {
  let path: Path = { elements: [], masked: 0, silent: false };
  for (let el: Element | undefined = target; el; el = parentOf(el)) {
    if (el.hasAttribute("data-cairn-ignore")) return undefined;
    // What is in an editor was made by the person, its elements too.
    if (isEditable(el)) path = { elements: [], masked: 0, silent: false };
    path.elements.push(el);
    const masks = el.matches(mask);
    if (masks || isEdited(el)) {
      path.masked = path.elements.length - +!masks;
      path.silent = true;
    }
  }
  return path;
}

export function chainOf({ elements, masked }: Path): string {
  let chain = "";
  for (let i = 0; i < elements.length && i < ELEMENTS_MAX; i++) {
    const longer = describe(elements[i]!, i < masked) + (chain && `>${chain}`);
    if (byteLength(longer) > CHAIN_BYTES_MAX) break;
    chain = longer;
  }
  return chain || tagOf(elements[0]!) + position(elements[0]!);
}

/** Where the nearest link leads, as written. */
export function hrefOf({ elements, masked }: Path): string | undefined {
  const at = elements.findIndex((el) => /^(a|area)$/.test(el.localName) && el.hasAttribute("href"));
  if (at < masked) return undefined; // also -1: there is none
  const href = elements[at]!.getAttribute("href")!;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(withoutControls(href));
  return (scheme && !/^https?$/i.test(scheme[1]!)) || looksSecret(href) ? undefined : cutBytes(withoutSecrets(href), VALUE_BYTES_MAX);
}

export function describe(el: Element, masked: boolean): string {
  let text = tagOf(el);
  const id = el.getAttribute("id");
  if (id !== null) text += `#${escape(id)}`;
  // Classes end at ASCII white space only.
  for (const name of (el.getAttribute("class") || "").split(/[\t\n\f\r ]+/)) if (name) text += `.${escape(name)}`;
  const typed = typedInto(el);
  for (const name of ATTRIBUTES) {
    let value = el.getAttribute(name);
    if (value === null || (masked && MASKED.test(name)) || looksSecret(value)) continue;
    if (typed && (value === typed || (typed.length > 2 && value.includes(typed)))) continue;
    if (URLS.test(name)) {
      if (SCRIPT_URL.test(withoutControls(value))) continue;
      value = withoutSecrets(value);
    }
    text += `[${name}=${escape(cutBytes(value, VALUE_BYTES_MAX))}]`;
  }
  return text + position(el);
}

/** What a page's script may have mirrored into the field's attributes. */
function typedInto(el: Element): string {
  const { value, type, selectedOptions } = el as HTMLInputElement & HTMLSelectElement;
  if (!isField(el) || SITE_VALUE.test(type)) return "";
  return (selectedOptions ? selectedOptions[0]?.text : value) || "";
}

/** Siblings are walked one by one: of a form, `children` may be a field by that name. */
function position(el: Element): string {
  if (!el.parentNode || el.parentNode.nodeType === 9) return "";
  let [i, n, j, m] = [1, 1, 1, 1];
  for (let s = el.previousElementSibling; s; s = s.previousElementSibling) {
    i++, n++;
    if (s.localName === el.localName) j++, m++;
  }
  for (let s = el.nextElementSibling; s; s = s.nextElementSibling) {
    n++;
    if (s.localName === el.localName) m++;
  }
  return `:${i}/${n}/${j}/${m}`;
}

/** The parent, through an open shadow root its host. */
function parentOf(el: Element): Element | undefined {
  const parent = el.parentNode;
  if (parent && parent.nodeType === 11) return (parent as ShadowRoot).host;
  return parent && parent.nodeType === 1 ? (parent as Element) : undefined;
}

function tagOf(el: Element): string {
  return escape(el.localName.toLowerCase());
}

function escape(text: string): string {
  return text.replace(/[>#.[\]=:\\]/g, "\\$&");
}

function withoutControls(url: string): string {
  return url.replace(/[\0- ]/g, "");
}
