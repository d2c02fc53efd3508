// The visible text of an element, and nothing that a person chose or typed.

import { masked } from "./config";
import { looksSecret } from "./privacy";

const TEXT_MAX = 255;
/** Text is gathered from what is inside these; of others only what stands directly in them counts. */
const LABELLED = /^(a|button|label|summary|legend)$/;
const LABELLED_ROLE = /^(button|link|tab|menuitem|option|switch|checkbox|radio)$/;
const FIELD = /^(input|textarea|select|option|optgroup|datalist|output|script|style|noscript|template)$/;
const EDITED_ROLE = /^(textbox|searchbox|combobox|spinbutton|code)$/;

export function isField(el: Element): boolean {
  return FIELD.test(el.localName);
}

export function isEditable(el: Element): boolean {
  const value = el.getAttribute("contenteditable");
  return value !== null && value !== "false";
}

/** Shows what a person typed or chose without being a field. */
export function isEdited(el: Element): boolean {
  return isEditable(el) || EDITED_ROLE.test(el.getAttribute("role") || "");
}

export function ownText(el: Element): string | undefined {
  const deep = LABELLED.test(el.localName) || LABELLED_ROLE.test(el.getAttribute("role") || "");
  const text = isField(el) ? "" : gather(el, deep).replace(/\s+/g, " ").trim();
  return text && !looksSecret(text) ? cut(text) : undefined;
}

function gather(el: Element, deep: boolean): string {
  let text = "";
  const slotted = el.localName === "slot" ? (el as HTMLSlotElement).assignedNodes() : [];
  for (const node of slotted.length ? slotted : Array.from(el.childNodes)) {
    if (node.nodeType === 3) text += node.nodeValue;
    else if (deep && node.nodeType === 1 && text.length < 4 * TEXT_MAX) text += inner(node as Element);
  }
  return text;
}

function inner(el: Element): string {
  if (isField(el) || isEdited(el) || el.matches("[data-cairn-ignore]," + masked)) return " ";
  const { display, visibility } = getComputedStyle(el);
  if (display === "none" || visibility !== "visible") return " ";
  const text = gather(el, true);
  return /^(inline$|contents)/.test(display) ? text : ` ${text} `;
}

function cut(text: string): string {
  return text.slice(0, TEXT_MAX).replace(/[\ud800-\udbff]$/, "");
}
