// Clicks, changes and submits, wherever they happen in the page.

import { chainOf, hrefOf, pathTo } from "./chain";
import { listen } from "./guard";
import type { Properties } from "./page";
import { allowed } from "./privacy";
import { recordNow } from "./record";
import { ownText } from "./text";

const TYPES = ["click", "change", "submit"] as const;

export function startCapture(): void {
  watch(document);
  // Changes and submits do not leave a shadow tree, so its root is watched too, from the first focus or click in it.
  for (const type of ["focusin", "click"]) {
    listen(document, type, (event) => {
      for (const node of event.composedPath()) if (node instanceof ShadowRoot) watch(node);
    });
  }
}

const watched = new WeakSet<Node>();
let latest: Event | undefined;

function watch(root: Node): void {
  if (watched.has(root)) return;
  watched.add(root);
  for (const type of TYPES) {
    listen(root, type, (event) => {
      if (event === latest) return; // seen at an outer root already
      latest = event;
      const target = targetOf(event);
      const properties = target && allowed() && describeTarget(target, type);
      if (properties) recordNow(type, properties);
    });
  }
}

function targetOf(event: Event): Element | undefined {
  const node = event.composedPath()[0] as Node | undefined;
  if (!node) return undefined;
  return node.nodeType === 1 ? (node as Element) : (node.parentElement ?? undefined);
}

function describeTarget(clicked: Element, type: (typeof TYPES)[number]): Properties | undefined {
  if (type === "change" && clicked.getAttribute("type") === "hidden") return undefined;
  const path = pathTo(clicked);
  if (!path) return undefined;
  const target = path.elements[0]!;
  return {
    chain: chainOf(path),
    target_tag: target.localName.toLowerCase(),
    target_id: target.getAttribute("id") || undefined,
    target_text: path.silent ? undefined : ownText(target),
    href: hrefOf(path),
  };
}
