// The element chain, read: docs/api.md defines its text, the snippet writes it.

export interface Element {
  tag: string;
  id: string | null;
  classes: string[];
  attributes: Map<string, string>;
  /** Place and count among the siblings, and among those of its tag; none for the root. */
  position: readonly [number, number, number, number] | null;
  /** Of SVG or MathML, told from the tags above it as the HTML parser does. */
  foreign: boolean;
}

/** From the root to the target. What is no chain gives what could be read. */
export function parseChain(text: string): Element[] {
  const elements: Element[] = [];
  for (const part of split(text, ">")) elements.push(parseElement(part));
  return markForeign(elements);
}

export function markForeign(elements: Element[]): Element[] {
  let inside = false;
  for (const element of elements) {
    element.foreign = inside || element.tag === "svg" || element.tag === "math";
    inside = element.foreign && !HOLDS_HTML.test(element.tag);
  }
  return elements;
}

const HOLDS_HTML = /^(foreignobject|desc|title|mi|mo|mn|ms|mtext|annotation-xml)$/;

/** One element's part of a chain. */
export function parseElement(text: string): Element {
  const element: Element = { tag: "", id: null, classes: [], attributes: new Map(), position: null, foreign: false };
  let [mark, part, name] = ["", "", ""];
  const end = (): void => {
    if (mark === "") element.tag = part;
    else if (mark === "#") element.id = part;
    else if (mark === ".") element.classes.push(part);
    else if (mark === "[") name = part;
    else if (mark === "=") element.attributes.set(name, part);
    else if (mark === ":") element.position = part.split("/").map(Number) as unknown as NonNullable<Element["position"]>;
    part = "";
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "\\") part += text[++i] ?? "";
    else if (c === "]") end(), (mark = "]");
    else if (/[#.[=:]/.test(c)) end(), (mark = c);
    else part += c;
  }
  end();
  return element;
}

/** Parts between the separators that have no backslash before them. */
function split(text: string, separator: string): string[] {
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") parts[parts.length - 1] += text[i]! + (text[++i] ?? "");
    else if (text[i] === separator) parts.push("");
    else parts[parts.length - 1] += text[i]!;
  }
  return parts;
}
