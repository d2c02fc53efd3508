/** The element chain of docs/api.md, and a selector that finds its target again. */

export interface Element {
  tag: string;
  id: string | null;
  classes: string[];
  attributes: Map<string, string>;
}

type Part = 'tag' | '#' | '.' | '[' | '=' | ':';

/** Reads a chain from root to target; an unreadable one gives what could be read. */
export function parseChain(chain: string): Element[] {
  const elements: Element[] = [];
  let element: Element = { tag: '', id: null, classes: [], attributes: new Map() };
  let part: Part = 'tag';
  let text = '';
  let attribute = '';

  const endPart = () => {
    if (part === 'tag') element.tag = text;
    else if (part === '#') element.id = text;
    else if (part === '.') element.classes.push(text);
    else if (part === '[') attribute = text;
    else if (part === '=') element.attributes.set(attribute, text);
    text = '';
  };
  for (let i = 0; i < chain.length; i++) {
    const c = chain.charAt(i);
    if (c === '\\') {
      text += chain.charAt(++i);
    } else if (c === '>') {
      endPart();
      elements.push(element);
      element = { tag: '', id: null, classes: [], attributes: new Map() };
      part = 'tag';
    } else if (c === ']') {
      endPart();
      part = ':';
    } else if (c === '#' || c === '.' || c === '[' || c === '=' || c === ':') {
      endPart();
      part = c;
    } else {
      text += c;
    }
  }
  endPart();
  if (element.tag !== '') elements.push(element);
  return elements;
}

/** Attributes that people put there to be found by, best first. */
const MARKS = ['data-testid', 'data-test-id', 'data-test', 'data-cy', 'data-qa', 'data-cairn-name'];
/** Attributes that say what an element is for, used when it has no mark, id or class. */
const HINTS = ['data-action', 'name', 'aria-label', 'role', 'type'];
/** Only these tags say anything when an element has nothing else. */
const TELLING = new Set(['button', 'a', 'input', 'select', 'textarea', 'form', 'label', 'summary']);

/** A selector for the target: by mark, id or lasting class, with the nearest such ancestor when the target's own is weak. */
export function selectorFor(chain: string): string | null {
  const elements = parseChain(chain);
  const target = elements.at(-1);
  if (!target) return null;
  const strong = strongSelector(target);
  if (strong !== null) return strong;

  const own = weakSelector(target);
  const ancestor = elements
    .slice(0, -1)
    .reverse()
    .map((e) => strongSelector(e) ?? classSelector(e))
    .find((selector) => selector !== null);
  if (ancestor !== undefined) return `${ancestor} ${own}`;
  return own === target.tag && !TELLING.has(own) ? null : own;
}

function strongSelector(e: Element): string | null {
  for (const mark of MARKS) {
    const value = e.attributes.get(mark);
    if (value) return attributeSelector(mark, value);
  }
  return e.id !== null && isStable(e.id) ? `#${escapeIdent(e.id)}` : null;
}

function weakSelector(e: Element): string {
  const byClass = classSelector(e);
  if (byClass !== null) return byClass;
  for (const hint of HINTS) {
    const value = e.attributes.get(hint);
    if (value && value.length <= 60) return e.tag + attributeSelector(hint, value);
  }
  return e.tag;
}

function classSelector(e: Element): string | null {
  const classes = e.classes.filter((c) => isStable(c) && !STATE.test(c)).slice(0, 3);
  return classes.length > 0 ? e.tag + classes.map((c) => `.${escapeIdent(c)}`).join('') : null;
}

/** Classes that come and go with what the visitor does. */
const STATE = /^(is|has|js)-|(^|[-_])(active|open|opened|closed|hover|focus|focused|selected|disabled|loading|visible|hidden|show|in|current)$/i;

/** False for names that a build tool made and the next build changes: hashes, counters, utility classes. */
function isStable(name: string): boolean {
  if (name.length === 0 || name.length > 60 || !/^[A-Za-z_][\w-]*$/.test(name)) return false;
  if (/^(css|sc|jsx|jss|emotion|svelte|radix|mui|headlessui|ember|react-aria)-/i.test(name)) return false;
  if (/\d{3,}/.test(name)) return false;
  return !name.split(/[-_]+/).some(isHash);
}

/** Five and more letters that change between cases or mix with digits, as no word does. */
function isHash(word: string): boolean {
  if (word.length < 5) return false;
  const digits = word.replace(/\D/g, '').length;
  const turns = word.match(/[a-z][A-Z]|[A-Z]{2}[a-z]|[a-z]\d|\d[a-zA-Z]/g)?.length ?? 0;
  return (digits > 0 && turns >= 2) || (turns >= 3 && word.length <= 10);
}

function attributeSelector(name: string, value: string): string {
  return `[${name}="${value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\a ')}"]`;
}

function escapeIdent(name: string): string {
  return name.replace(/[^\w-]/g, '\\$&').replace(/^(-?)(\d)/, '$1\\3$2 ');
}
