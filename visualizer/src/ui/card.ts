// The card of what was pointed at: what it counts, its conditions, and the button that defines it.

import { ApiError, define, graphUrl, look, overlaps, type Definition } from "../api";
import { firstChoices, nameFor, predicateOf, wholeSelector, type Choices, type Picked, type Predicate } from "../choices";
import { isSelector, pageDomain, pagePath } from "../page";
import { texts } from "../texts";
import { Conditions } from "./conditions";
import { h, icon, replace } from "./dom";
import { Findings } from "./findings";

const DEBOUNCE_MS = 120;

export interface CardActions {
  close(): void;
  around(steps: number): void;
  /** Outlines what matches, and says how many those are; null once something else is asked. */
  outline(predicate: Predicate): Promise<{ count: number; most: boolean } | null>;
  defined(definition: Definition): void;
  /** The token is over, or Cairn cannot be reached. */
  failed(error: unknown): boolean;
}

export class Card {
  readonly root = h("section", { class: "card", role: "dialog", "aria-label": texts.card, "data-testid": "card" });
  private choices: Choices;
  private readonly findings = new Findings();
  private readonly conditions: Conditions;
  private readonly name = h("input", { type: "text", maxlength: 200, "data-testid": "name", spellcheck: "false" });
  private readonly problem = h("p", { class: "bad small", role: "alert", hidden: true });
  private readonly outlined = h("p", { class: "small dim", role: "status", "data-testid": "outlined" });
  private readonly submit = h("button", { type: "submit", class: "go", "data-testid": "define" }, texts.define);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = new AbortController();
  private asked = "";

  constructor(private readonly picked: Picked, private readonly taken: ReadonlySet<string>, private readonly actions: CardActions) {
    this.choices = firstChoices(picked);
    this.choices.name = this.name.value = nameFor(picked, this.choices.type, taken);
    this.conditions = new Conditions(picked, this.choices, { change: (some) => this.change(some), around: actions.around });
    this.name.addEventListener("input", () => this.checkName());
    const body = h(
      "div", { class: "scroll" }, h("div", { class: "top" }, this.findings.stats, this.outlined),
      h("label", { class: "field" }, h("span", {}, texts.name), this.name),
      ...this.conditions.root.children, this.findings.latest, this.findings.overlap,
    );
    const form = h(
      "form", { novalidate: true, onsubmit: (event: Event) => this.save(event) },
      h("div", { class: "head" }, h("h2", {}, texts.card), this.closeButton()), body, h("div", { class: "foot" }, this.problem, this.submit),
    );
    this.root.append(form);
    this.draw(0);
  }

  focus(): void {
    this.name.focus();
    this.name.select();
  }

  /** The page has become another one, or changed. */
  refresh(): void {
    this.picked.path = pagePath();
    this.draw(DEBOUNCE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.asking.abort();
  }

  private closeButton(): HTMLElement {
    return h("button", { type: "button", class: "round", "aria-label": texts.close, title: texts.close, onclick: this.actions.close, "data-testid": "close" }, icon("close"));
  }

  private change(some: Partial<Choices>): void {
    this.choices = { ...this.choices, ...some };
    this.draw(DEBOUNCE_MS);
  }

  private draw(delayMs: number): void {
    const valid = isSelector(wholeSelector(this.picked, this.choices));
    this.conditions.show(this.choices, valid);
    this.submit.disabled = !valid;
    const predicate = predicateOf(this.picked, this.choices);
    void this.outline(predicate);
    const asked = JSON.stringify([predicate, pagePath()]);
    if (!valid || asked === this.asked) return;
    this.asked = asked;
    this.stop();
    this.findings.waiting();
    this.timer = setTimeout(() => void this.count(predicate), delayMs);
  }

  private async outline(predicate: Predicate): Promise<void> {
    const found = await this.actions.outline(predicate);
    if (found) this.outlined.textContent = texts.outlined(found.count, found.most);
  }

  private async count(predicate: Predicate): Promise<void> {
    const { signal } = (this.asking = new AbortController());
    try {
      const looked = await look(predicate, { domain: pageDomain(), path: pagePath() }, false, signal);
      if (signal.aborted) return;
      this.findings.show(looked);
      const compared = await overlaps(predicate, signal);
      if (!signal.aborted) this.findings.compare(compared, looked.count);
    } catch (error) {
      if (signal.aborted) return;
      this.asked = "";
      if (!this.actions.failed(error)) this.findings.fail((error as Error).message);
    }
  }

  private checkName(): string | null {
    const name = this.name.value.trim();
    const problem = name === "" ? texts.nameMissing : this.taken.has(name) ? texts.nameTaken : null;
    this.say(problem);
    return problem === null ? name : null;
  }

  private say(problem: string | null): void {
    this.problem.textContent = problem;
    this.problem.hidden = problem === null;
    this.name.setAttribute("aria-invalid", String(problem !== null));
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const name = this.checkName();
    if (name === null) return this.name.focus();
    if (this.submit.disabled) return;
    this.submit.disabled = true;
    this.submit.textContent = texts.defining;
    try {
      const definition = await define(name, predicateOf(this.picked, this.choices));
      this.stop();
      this.done(definition.name);
      this.actions.defined(definition);
    } catch (error) {
      this.submit.disabled = false;
      this.submit.textContent = texts.define;
      if (!this.actions.failed(error)) this.say(error instanceof ApiError && error.code === "name_taken" ? texts.nameTaken : (error as Error).message);
    }
  }

  private done(name: string): void {
    const graph = h("a", { class: "go", href: graphUrl(name), target: "_blank", rel: "noopener noreferrer", "data-testid": "see-graph" }, texts.graph, icon("arrow"));
    replace(
      this.root,
      h("div", { class: "head" }, h("h2", {}, texts.defined(name)), this.closeButton()),
      h("div", { class: "done", role: "status" }, h("p", { class: "dim" }, texts.definedText), graph, h("button", { type: "button", class: "plain", onclick: this.actions.close }, texts.another)),
    );
    graph.focus();
  }
}
