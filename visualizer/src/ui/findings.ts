// What the card says of a predicate: numbers, the latest matches, and what else counts the same events.

import type { Looked, Overlaps } from "../api";
import { ago, number, percent, texts } from "../texts";
import { bdi, h, replace } from "./dom";
import { spark } from "./spark";

const LATEST = 5;
const OVERLAPS = 6;

export class Findings {
  readonly stats = h("div", { class: "stats", role: "status", "data-testid": "stats" }, h("span", { class: "dim wide" }, texts.counting));
  readonly latest = h("section", { hidden: true, "data-testid": "latest" });
  readonly overlap = h("section", { hidden: true, "data-testid": "overlap" });

  waiting(): void {
    this.stats.setAttribute("aria-busy", "true");
  }

  fail(message: string): void {
    this.settle();
    replace(this.stats, h("p", { class: "bad small wide", role: "alert" }, message));
    this.latest.hidden = this.overlap.hidden = true;
  }

  show({ count, users, page, days, latest }: Looked): void {
    this.settle();
    this.stats.dataset.users = String(users);
    this.stats.dataset.count = String(count);
    if (count === 0) replace(this.stats, h("p", { class: "wide" }, texts.nobody));
    else {
      replace(
        this.stats,
        h("div", { class: "big num" }, number(users), " ", h("small", {}, texts.users(users))),
        days ? spark(days) : null,
        h("div", { class: "small num", "data-testid": "share" }, (page && share(page)) ?? texts.noVisitors),
        h("div", { class: "small dim num wide" }, `${texts.times(count)} · ${texts.period}`),
      );
    }
    this.latest.hidden = !latest?.length;
    const now = Date.now();
    const rows = (latest ?? []).slice(0, LATEST).map((match) => {
      const what = [match.text && bdi(match.text), match.text && match.path ? " · " : "", match.path && bdi(match.path)];
      return h("li", {}, h("span", { title: [match.text, match.path].filter(Boolean).join("\n") }, ...what), h("span", {}, ago(match.time, now)));
    });
    replace(this.latest, h("h3", {}, texts.latest), h("ul", { class: "rows" }, ...rows));
  }

  compare({ overlaps, compared, definitions }: Overlaps, count: number): void {
    this.overlap.hidden = definitions === 0 || count === 0;
    const rows = overlaps.slice(0, OVERLAPS).map(({ name, count: all, both }) =>
      h("li", {}, h("span", { title: name }, bdi(name)), h("span", { class: "num" }, both === all && both === count ? texts.overlapSame : texts.overlapPart(both, all))),
    );
    replace(
      this.overlap,
      h("h3", {}, texts.overlap),
      rows.length ? h("ul", { class: "rows" }, ...rows) : h("p", { class: "small dim" }, texts.overlapNone),
      compared < definitions && h("p", { class: "small dim" }, texts.overlapSome(compared, definitions)),
    );
  }

  private settle(): void {
    this.stats.setAttribute("aria-busy", "false");
    delete this.stats.dataset.users;
    delete this.stats.dataset.count;
  }
}

export function share(page: { visitors: number; users: number }): string | null {
  const part = percent(page.users, page.visitors);
  return part === null ? null : texts.share(part);
}
