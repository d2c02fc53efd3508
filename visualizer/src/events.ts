// Which events are the page's and which the overlay's. The overlay is in front of the page's own listeners, at the window.

/** What begins or is part of a click. */
const PRESSES = "pointerdown pointerup mousedown mouseup touchstart touchend click dblclick auxclick contextmenu".split(" ");
/** What a page could react to while somebody types into the overlay. */
const TYPING = "keydown keyup keypress focusin focusout input beforeinput paste copy cut".split(" ");

export interface Listening {
  /** Whether presses are picks. */
  selecting(): boolean;
  hover(el: Element | null): void;
  pick(el: Element): void;
  /** A key was pressed, in the overlay or not; true if that was for the overlay alone. */
  key(event: KeyboardEvent, inside: boolean): boolean;
}

/** Until the returned function is called. */
export function listen(host: HTMLElement, to: Listening): () => void {
  const ended = new AbortController();
  const on = (type: string, act: (event: Event) => void): void =>
    addEventListener(type, act, { capture: true, passive: false, signal: ended.signal });
  const inside = (event: Event): boolean => event.composedPath().includes(host);

  for (const type of PRESSES) {
    on(type, (event) => {
      // Pages can make clicks of their own; only people point.
      if (!event.isTrusted || inside(event) || !to.selecting()) return;
      event.stopImmediatePropagation();
      if (event.cancelable) event.preventDefault();
      const el = hit(event);
      if (type === "click" && el) to.pick(el);
    });
  }
  on("pointermove", (event) => to.selecting() && to.hover(inside(event) ? null : hit(event)));
  // Whoever has no pointer walks the page by Tab, and picks by Enter, which is a click.
  on("focusin", (event) => to.selecting() && !inside(event) && to.hover(hit(event)));
  on("pointerout", (event) => (event as PointerEvent).relatedTarget === null && to.hover(null));
  for (const type of TYPING) {
    on(type, (event) => {
      const within = inside(event);
      const taken = type === "keydown" && to.key(event as KeyboardEvent, within);
      if (taken && event.cancelable) event.preventDefault();
      if (taken) return event.stopImmediatePropagation();
      // The overlay's own fields listen to what they need without it.
      if (within && type !== "input") event.stopImmediatePropagation();
    });
  }
  return () => ended.abort();
}

/** What was really hit, inside of open shadow roots, too. */
function hit(event: Event): Element | null {
  const [node] = event.composedPath();
  if (node instanceof Element) return node;
  return node instanceof Node ? node.parentElement : null;
}
