// The bar at the bottom: what clicks do, the badges, and the way out.

import { texts } from "../texts";
import { h, icon, svg } from "./dom";

export interface BarActions {
  select(selecting: boolean): void;
  badges(shown: boolean): void;
  exit(): void;
}

export class Bar {
  readonly root: HTMLElement;
  private readonly note = h("div", { class: "note", role: "status" });
  private readonly selecting: HTMLButtonElement;
  private readonly browsing: HTMLButtonElement;
  private readonly badges: HTMLButtonElement;

  constructor(project: string, actions: BarActions) {
    const button = (name: Parameters<typeof icon>[0], label: string, act: () => void, more = {}): HTMLButtonElement =>
      h("button", { type: "button", "aria-label": label, title: label, onclick: act, ...more }, icon(name), h("span", { class: "label" }, label));
    this.selecting = button("target", texts.select, () => actions.select(true), { "data-testid": "mode-select" });
    this.browsing = button("hand", texts.browse, () => actions.select(false), { "data-testid": "mode-browse" });
    this.badges = button("badge", texts.badges, () => actions.badges(this.badges.getAttribute("aria-pressed") !== "true"), {
      "data-testid": "badges", "aria-pressed": "false",
    });
    this.root = h(
      "div", { class: "bar", role: "toolbar", "aria-label": texts.label, "data-testid": "bar" },
      h("div", { class: "brand" }, mark(), h("span", {}, "Cairn"), h("small", {}, h("bdi", { title: project }, project))),
      h("div", { role: "group", "aria-label": texts.mode, class: "modes" }, this.selecting, this.browsing),
      this.badges,
      button("close", texts.exit, actions.exit, { title: texts.exitHelp, "data-testid": "exit" }),
    );
  }

  get help(): HTMLElement {
    return this.note;
  }

  showMode(selecting: boolean, quiet: boolean): void {
    this.selecting.setAttribute("aria-pressed", String(selecting));
    this.browsing.setAttribute("aria-pressed", String(!selecting));
    this.note.textContent = selecting ? texts.selectHelp : texts.browseHelp;
    this.note.hidden = quiet;
  }

  /** `count` is null until they are found. */
  showBadges(shown: boolean, count: number | null): void {
    const counted = shown && count !== null;
    this.badges.setAttribute("aria-pressed", String(shown));
    this.badges.setAttribute("aria-label", counted ? texts.badgesShown(count) : texts.badges);
    this.badges.lastElementChild!.textContent = counted ? `${texts.badges} (${count})` : texts.badges;
  }
}

function mark(): SVGElement {
  const stone = (cx: number, cy: number, rx: number, ry: number): SVGElement => svg("ellipse", { cx, cy, rx, ry });
  return svg("svg", { viewBox: "0 0 32 32", width: 22, height: 22, "aria-hidden": "true" }, stone(16, 25.5, 12, 4.5), stone(15.2, 16.2, 8.4, 3.8), stone(16.6, 8, 5, 3.2));
}
