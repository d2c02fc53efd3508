// Where the overlay lives: one element with a shadow root, which the snippet does not record.

import { texts } from "../texts";
import { h } from "./dom";
import { STYLES } from "./styles";

export interface Mounted {
  host: HTMLElement;
  root: ShadowRoot;
  stop(): void;
}

export function mount(): Mounted {
  const host = h("cairn-visualizer" as "div", { "data-cairn-ignore": true, translate: "no", "aria-label": texts.label });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  document.documentElement.append(host);
  return { host, root, stop: () => host.remove() };
}
