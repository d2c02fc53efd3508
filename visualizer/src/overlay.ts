// The overlay at work: what is pointed at, what matches it, what is picked, and what is defined already.

import { ApiError, closeSession, forgetSession, look, session, type Definition, type Looked } from "./api";
import { firstChoices, predicateOf, shown, type Predicate } from "./choices";
import { isAboutElement } from "./evaluate";
import { listen } from "./events";
import { everyElement, forgetElements, matching, MATCHES_MAX, meant, pageDomain, pagePath, parentOf, pick } from "./page";
import { percent, texts } from "./texts";
import { Bar } from "./ui/bar";
import { Card } from "./ui/card";
import { h } from "./ui/dom";
import { mount } from "./ui/mount";
import { Outlines } from "./ui/outlines";

/** A pointer that only passes by asks nothing. */
const HOVER_MS = 60;
const CHANGED_MS = 250;
const CACHE_MS = 60_000;
const READ_MS = 2_000;

export function start(defined: Definition[]): void {
  new Overlay(defined).begin();
}

class Overlay {
  private readonly mounted = mount();
  private readonly outlines = new Outlines();
  private readonly bar: Bar;
  private card: Card | null = null;
  private picked: Element | null = null;
  private hovered: Element | null = null;
  /** Where the page's focus was before the card took it. */
  private focused: HTMLElement | null = null;
  private isSelecting = true;
  private badges = false;
  private path = pagePath();
  private hoverTimer: ReturnType<typeof setTimeout> | undefined;
  private changeTimer: ReturnType<typeof setTimeout> | undefined;
  private isStale = false;
  private isOver = false;
  private asking = new AbortController();
  /** What is outlined, and what gets badges, may take some time to find on a long page. */
  private outlining = new AbortController();
  private badging = new AbortController();
  private readonly counted = new Map<string, { at: number; looked: Looked }>();
  private elements: Element[] | null = null;
  private readAt = 0;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly defined: Definition[]) {
    this.bar = new Bar(session().project.name, {
      select: (selecting) => this.setSelecting(selecting),
      badges: (shown) => void this.setBadges(shown),
      exit: () => this.leave(),
    });
  }

  begin(): void {
    const { host, root } = this.mounted;
    root.append(this.outlines.root, this.bar.help, this.bar.root);
    this.setSelecting(true);
    this.ends.push(
      listen(host, {
        selecting: () => this.isSelecting,
        hover: (el) => this.hover(el),
        pick: (el) => this.pick(meant(el)),
        key: (event, inside) => this.key(event, inside),
      }),
    );
    const observer = new MutationObserver((records) => {
      if (records.some((record) => record.target !== document.documentElement || record.type !== "childList")) this.changed();
      // A page that writes itself anew takes the overlay along.
      if (!host.isConnected) document.documentElement.append(host);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    // There is no event for what the history API does.
    const clock = setInterval(() => this.path !== pagePath() && this.moved(), 200);
    this.ends.push(() => observer.disconnect(), () => clearInterval(clock), () => this.outlines.stop(), () => this.mounted.stop());
    const left = session().expires_at - Date.now();
    const over = setTimeout(() => this.failed(new ApiError("visualizer", "")), Math.max(0, left));
    this.ends.push(() => clearTimeout(over));
  }

  private leave(): void {
    closeSession();
    this.end();
  }

  private end(): void {
    this.isOver = true;
    this.closeCard();
    clearTimeout(this.hoverTimer);
    clearTimeout(this.changeTimer);
    for (const going of [this.asking, this.outlining, this.badging]) going.abort();
    for (const end of this.ends.splice(0)) end();
    delete (window as unknown as { cairnVisualizer?: true }).cairnVisualizer;
  }

  private setSelecting(selecting: boolean): void {
    this.isSelecting = selecting;
    if (!selecting) this.closeCard();
    this.hover(null);
    this.bar.showMode(selecting, !!this.card);
  }

  private key(event: KeyboardEvent, inside: boolean): boolean {
    if (event.key === "Escape" && (inside || this.isSelecting || this.card)) {
      if (this.card) this.closeCard();
      else this.leave();
      return true;
    }
    return event.key === "Tab" && !!this.card && inside && this.tab(event.shiftKey);
  }

  /** Within the card, Tab goes round. */
  private tab(back: boolean): boolean {
    const all = [...this.card!.root.querySelectorAll<HTMLElement>("button,input,textarea,select,summary,a[href]")];
    const reachable = all.filter((el) => el.checkVisibility() && !el.closest("[inert]") && !(el as HTMLButtonElement).disabled);
    const active = this.mounted.root.activeElement as HTMLElement;
    const [first, last] = [reachable[0], reachable[reachable.length - 1]];
    const edge = back ? first : last;
    if (active !== edge) return false;
    (back ? last : first)?.focus();
    return true;
  }

  private hover(el: Element | null): void {
    if (this.card) return;
    const found = el && meant(el);
    if (found === this.hovered) return;
    this.hovered = found;
    clearTimeout(this.hoverTimer);
    this.asking.abort();
    this.outlining.abort();
    if (!found) return this.outlines.show(null), this.outlines.say();
    const picked = pick(found);
    if (!picked) return this.outlines.show(found), this.outlines.say(texts.ignored);
    const name = h("code", {}, shown(picked.chain[picked.chain.length - 1]!));
    const predicate = predicateOf(picked, firstChoices(picked));
    this.outlines.show(found, []);
    const known = this.known(predicate);
    this.outlines.say(name, ...(known ? [this.hoverText(known)] : []));
    this.hoverTimer = setTimeout(() => {
      void this.outline(found, predicate);
      if (!known) void this.countHovered(found, predicate, name);
    }, HOVER_MS);
  }

  private async countHovered(el: Element, predicate: Predicate, name: Node): Promise<void> {
    const { signal } = (this.asking = new AbortController());
    try {
      const looked = await look(predicate, { domain: pageDomain(), path: pagePath() }, true, signal);
      this.counted.set(this.cacheKey(predicate), { at: Date.now(), looked });
      if (this.hovered === el && !this.card) this.outlines.say(name, this.hoverText(looked));
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    }
  }

  private hoverText({ users, page }: Looked): HTMLElement {
    return h("b", { "data-testid": "hover-count", "data-users": users }, texts.hover(users, page ? percent(page.users, page.visitors) : null));
  }

  private cacheKey(predicate: Predicate): string {
    return JSON.stringify([predicate, pagePath()]);
  }

  private known(predicate: Predicate): Looked | undefined {
    const kept = this.counted.get(this.cacheKey(predicate));
    return kept && Date.now() - kept.at < CACHE_MS ? kept.looked : undefined;
  }

  private pick(el: Element): void {
    const picked = pick(el);
    if (!picked) return;
    this.closeCard();
    clearTimeout(this.hoverTimer);
    this.focused = deepestFocus();
    this.picked = el;
    this.outlines.say();
    const taken = new Set(this.defined.map((definition) => definition.name));
    const card = new Card(picked, taken, {
      close: () => this.closeCard(),
      around: (steps) => this.around(steps),
      outline: async (predicate) => {
        const found = await this.outline(el, predicate);
        return found && { count: found.length, most: found.length >= MATCHES_MAX };
      },
      defined: (definition) => {
        this.defined.push(definition);
        void this.setBadges(true);
      },
      failed: (error) => this.failed(error),
    });
    this.card = card;
    card.root.classList.toggle("left", this.isRight(el));
    this.mounted.root.append(card.root);
    this.bar.showMode(true, true);
    card.focus();
    // On a phone the card takes the lower part of the page.
    if (innerWidth <= 640) scrollBy({ top: el.getBoundingClientRect().top - 150 });
  }

  /** Whether the card at the right would cover the element. */
  private isRight(el: Element): boolean {
    const { left, right } = el.getBoundingClientRect();
    return right > innerWidth - 400 && left > 400;
  }

  private around(steps: number): void {
    let el: Element | null = this.picked;
    for (let i = 0; i < steps && el; i++) el = parentOf(el);
    if (el) this.pick(el);
  }

  private closeCard(): void {
    const hadFocus = !!this.card?.root.contains(this.mounted.root.activeElement);
    this.card?.stop();
    this.outlining.abort();
    this.card?.root.remove();
    this.card = this.picked = this.hovered = null;
    this.outlines.show(null);
    if (hadFocus && this.focused?.isConnected) this.focused.focus({ preventScroll: true });
    this.bar.showMode(this.isSelecting, false);
  }

  private matching(predicate: Predicate, signal: AbortSignal): Promise<Element[]> {
    // Shadow trees and what is typed change unseen.
    if (!this.elements || Date.now() - this.readAt > READ_MS) {
      forgetElements();
      this.elements = everyElement(this.mounted.host);
      this.readAt = Date.now();
    }
    return matching(predicate, this.elements, signal);
  }

  /** Outlines an element and all that match; what those are, unless something else was to be outlined meanwhile. */
  private async outline(main: Element, predicate: Predicate): Promise<Element[] | null> {
    this.outlining.abort();
    const { signal } = (this.outlining = new AbortController());
    const found = await this.matching(predicate, signal);
    if (signal.aborted) return null;
    this.outlines.show(main, found);
    return found;
  }

  private async setBadges(shown: boolean): Promise<void> {
    this.badging.abort();
    const { signal } = (this.badging = new AbortController());
    if (shown !== this.badges) this.bar.showBadges(shown, null);
    this.badges = shown;
    if (!shown) return this.outlines.label([]);
    const badged: [Element, string][] = [];
    for (const { name, predicate } of this.defined.filter((definition) => isAboutElement(definition.predicate))) {
      for (const el of await this.matching(predicate, signal)) badged.push([el, name]);
      if (signal.aborted) return;
    }
    this.outlines.label(badged);
    this.bar.showBadges(true, new Set(badged.map(([, name]) => name)).size);
  }

  /** The page's elements are others than before. */
  private changed(): void {
    this.elements = null;
    this.isStale = true;
    this.outlines.soon();
    // While a page keeps changing, it is looked at again and again, but not all the time.
    this.changeTimer ??= setTimeout(() => void this.lookAgain(), CHANGED_MS);
  }

  private async lookAgain(): Promise<void> {
    this.isStale = false;
    if (this.picked && !this.picked.isConnected) this.closeCard();
    else this.card?.refresh();
    if (this.badges) await this.setBadges(true);
    this.changeTimer = undefined;
    if (this.isStale && !this.isOver) this.changed();
  }

  private moved(): void {
    this.path = pagePath();
    this.hovered = null;
    this.changed();
  }

  /** True if the visualizer is over with it. */
  private failed(error: unknown): boolean {
    if (!(error instanceof ApiError) || error.code === "network" || !/^(visualizer|origin)$/.test(error.code)) return false;
    forgetSession();
    this.end();
    const { root, stop } = mount();
    const close = h("button", { type: "button", class: "plain", onclick: stop }, texts.close);
    root.append(h("section", { class: "panel", role: "alertdialog", "aria-label": texts.ended, "data-testid": "problem" }, h("h2", {}, texts.ended), h("p", { class: "dim" }, texts.endedText), h("div", {}, close)));
    close.focus();
    return true;
  }
}

/** What has the focus, inside of open shadow roots, too; null if nothing has. */
function deepestFocus(): HTMLElement | null {
  let el = document.activeElement;
  while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
  return el instanceof HTMLElement && el !== document.body ? el : null;
}
