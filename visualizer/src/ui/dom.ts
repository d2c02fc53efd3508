// Making elements. Text goes in as text, never as markup.

type Child = Node | string | null | false | undefined;
type Props = Record<string, string | number | boolean | ((event: never) => void) | undefined>;

/** Properties are attributes, but for `on…`, which listens; true is an empty attribute, false and undefined are none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") el.addEventListener(name.slice(2), value as EventListener);
    else setAttribute(el, name, value);
  }
  el.append(...children.filter((child): child is Node | string => child !== null && child !== false && child !== undefined));
  return el;
}

export function setAttribute(el: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === false || value === undefined) el.removeAttribute(name);
  else el.setAttribute(name, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, string | number>, ...children: Element[]): SVGElement {
  const el = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, String(value));
  el.append(...children);
  return el;
}

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  arrow: "M7 17L17 7M9 7h8v8",
  target: "M12 3v3M12 18v3M3 12h3M18 12h3M12 6a6 6 0 1 0 0 12a6 6 0 0 0 0-12",
  hand: "M9 9l11 4-4.5 2.5L13 20 9 9zM3 9h2M9 3v2M4.8 4.8l1.4 1.4",
  badge: "M4 5h10l6 7-6 7H4z",
};

export function icon(name: keyof typeof ICONS): SVGElement {
  return svg("svg", { viewBox: "0 0 24 24", width: 16, height: 16, class: "icon", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** A text for people that begins and ends as itself, whatever its direction. */
export const bdi = (text: string): HTMLElement => h("bdi", {}, text);

export function replace(el: Element, ...children: Child[]): void {
  el.replaceChildren(...children.filter((child): child is Node | string => !!child));
}
