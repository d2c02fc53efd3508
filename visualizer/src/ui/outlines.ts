// Boxes and badges over the page's elements, which follow them when the page scrolls or changes.

import { h } from "./dom";

/** Boxes that are drawn at once. */
const BOXES_MAX = 200;
const BADGES_MAX = 100;

export class Outlines {
  readonly root = h("div", { "aria-hidden": "true" });
  private readonly boxes = h("div");
  private readonly badges = h("div");
  private readonly tip = h("div", { class: "tip", hidden: true });
  private main: Element | null = null;
  private others: Element[] = [];
  private badged: [Element, string][] = [];
  private frame = 0;

  constructor() {
    this.root.append(this.boxes, this.badges, this.tip);
    for (const type of ["scroll", "resize"]) addEventListener(type, this.soon, { capture: true, passive: true });
  }

  stop(): void {
    for (const type of ["scroll", "resize"]) removeEventListener(type, this.soon, { capture: true });
    cancelAnimationFrame(this.frame);
  }

  show(main: Element | null, others: Element[] = []): void {
    this.main = main;
    this.others = others.filter((el) => el !== main);
    this.soon();
  }

  /** What stands beside the outlined element; nothing hides it. */
  say(...parts: (Node | string)[]): void {
    this.tip.hidden = !parts.length;
    this.tip.replaceChildren(...parts);
    this.soon();
  }

  label(badged: [Element, string][]): void {
    this.badged = badged.slice(0, BADGES_MAX);
    this.soon();
  }

  readonly soon = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  };

  private draw(): void {
    const boxes: HTMLElement[] = [];
    for (const el of [...this.others, ...(this.main ? [this.main] : [])]) {
      const rect = visible(el);
      if (rect && boxes.length < BOXES_MAX) boxes.push(place(h("div", { class: el === this.main ? "box main" : "box" }), rect, 3));
    }
    this.boxes.replaceChildren(...boxes);
    const at = new Map<string, number>();
    const badges: HTMLElement[] = [];
    for (const [el, name] of this.badged) {
      const rect = visible(el);
      if (!rect) continue;
      // Several names of one element stand above each other, and all of them above it.
      const corner = `${Math.round(rect.left)}/${Math.round(rect.top)}`;
      const nth = at.get(corner) ?? 0;
      at.set(corner, nth + 1);
      const badge = h("div", { class: "badge" }, name);
      badges.push(move(badge, Math.max(2, rect.left - 4), Math.max(2, rect.top - 22 - 21 * nth)));
    }
    this.badges.replaceChildren(...badges);
    this.placeTip();
  }

  private placeTip(): void {
    const rect = this.main && visible(this.main);
    if (this.tip.hidden || !rect) return move(this.tip, -9999, 0), undefined;
    const { width, height } = this.tip.getBoundingClientRect();
    const above = rect.top - height - 9;
    const top = above > 4 ? above : Math.min(rect.bottom + 9, innerHeight - height - 4);
    move(this.tip, Math.max(8, Math.min(rect.left - 3, innerWidth - width - 8)), Math.max(4, top));
  }
}

function visible(el: Element): DOMRect | null {
  const rect = el.getBoundingClientRect();
  const seen = rect.width > 0 && rect.height > 0 && rect.bottom > 0 && rect.right > 0 && rect.top < innerHeight && rect.left < innerWidth;
  return seen ? rect : null;
}

function place(el: HTMLElement, rect: DOMRect, around: number): HTMLElement {
  el.style.width = `${rect.width + 2 * around}px`;
  el.style.height = `${rect.height + 2 * around}px`;
  return move(el, rect.left - around, rect.top - around);
}

function move(el: HTMLElement, left: number, top: number): HTMLElement {
  el.style.transform = `translate(${left}px, ${top}px)`;
  return el;
}
