// The card's conditions: every field changes the choices, and they are drawn again from those.

import { container, shown, wholeSelector, type Choices, type EventType, type Picked } from "../choices";
import { chosenParts, partsOf } from "../names";
import { texts } from "../texts";
import { bdi, h, replace, setAttribute } from "./dom";

/** Elements around the picked one that can be chosen instead. */
const CRUMBS = 5;

export interface ConditionActions {
  change(choices: Partial<Choices>): void;
  /** Picks the element so many steps above. */
  around(steps: number): void;
}

export class Conditions {
  readonly root = h("div");
  private readonly containers = h("fieldset", { class: "indent", "data-testid": "containers" });
  private readonly chips = h("div", { class: "chips" });
  private readonly selector = h("textarea", { rows: 3, spellcheck: "false", "data-testid": "selector", "aria-label": texts.selector });
  private readonly reset = h("button", { type: "button", class: "link" }, texts.selectorReset);
  private readonly wrong = h("p", { class: "bad small", hidden: true }, texts.selectorWrong);
  private readonly ignore: HTMLLabelElement;
  private readonly limit: HTMLLabelElement;
  private readonly pattern: HTMLLabelElement;
  private readonly patternText = h("input", { type: "text", "aria-label": texts.patternLabel, spellcheck: "false", "data-testid": "pattern" });
  /** Fields that a selector written by hand takes the place of. */
  private readonly replaced: HTMLElement[];

  constructor(private readonly picked: Picked, private choices: Choices, private readonly actions: ConditionActions) {
    const { change } = actions;
    this.limit = check(texts.limitPage, "limit-page", (on) => change({ page: on ? "this" : "any" }), picked.path);
    this.ignore = check(texts.ignore, "ignore-containers", (on) => change({ containers: on ? [] : this.nearest() }));
    this.pattern = check(texts.pattern, "use-pattern", (on) => change({ page: on ? "pattern" : "any" }));
    this.patternText.addEventListener("input", () => change({ pattern: this.patternText.value, page: "pattern" }));
    this.selector.addEventListener("input", () => change({ selector: this.selector.value }));
    this.reset.addEventListener("click", () => change({ selector: null }));
    const attributes = h("fieldset", { title: texts.attributesHelp }, h("legend", {}, texts.attributes), this.chips);
    const position = this.positionField();
    this.replaced = [this.ignore, this.containers, attributes, ...(position ? [position] : [])];
    replace(
      this.root, this.elementField(), this.limit, this.ignore, this.containers, this.textField(), attributes, position,
      h("details", { "data-testid": "more" }, h("summary", {}, texts.more), h("div", {}, this.typeField(), this.insideField(), this.pattern, this.patternText)),
      h("details", { "data-testid": "selector-part" }, h("summary", {}, texts.selector), h("div", {}, this.selector, this.wrong, h("p", { class: "small dim" }, texts.selectorHelp), this.reset)),
    );
  }

  show(choices: Choices, valid: boolean): void {
    this.choices = choices;
    box(this.limit).checked = choices.page === "this";
    box(this.ignore).checked = !choices.containers.length;
    box(this.pattern).checked = choices.page === "pattern";
    this.patternText.hidden = choices.page !== "pattern";
    if (this.patternText.value !== choices.pattern) this.patternText.value = choices.pattern;
    const byHand = choices.selector !== null;
    for (const field of this.replaced) setAttribute(field, "inert", byHand), (field.style.opacity = byHand ? ".45" : "");
    if (!byHand) this.selector.value = wholeSelector(this.picked, choices);
    this.selector.setAttribute("aria-invalid", String(!valid));
    this.wrong.hidden = valid;
    this.reset.hidden = !byHand;
    this.containers.hidden = !choices.containers.length;
    this.showContainers();
    this.showChips();
  }

  private nearest(): number[] {
    const { chain } = this.picked;
    for (let at = chain.length - 2; at > 0; at--) if (chosenParts(chain[at]!).length) return [at];
    return chain.length > 2 ? [chain.length - 2] : [];
  }

  private elementField(): HTMLElement {
    const { chain } = this.picked;
    const from = Math.max(1, chain.length - CRUMBS);
    const crumbs = chain.slice(from).flatMap((element, i, all) => {
      const steps = all.length - 1 - i;
      const crumb = h("button", { type: "button", class: "chip", "aria-current": steps === 0 ? "true" : undefined, onclick: () => steps && this.actions.around(steps) }, shown(element));
      return i === 0 ? [crumb] : [h("span", { "aria-hidden": "true" }, "›"), crumb];
    });
    return h("fieldset", { title: texts.elementHelp, "data-testid": "element" }, h("legend", {}, texts.element), h("div", { class: "crumbs" }, ...crumbs));
  }

  private textField(): HTMLElement | null {
    const { text } = this.picked;
    if (!text) return null;
    const radio = (on: boolean, testid: string, ...label: (Node | string)[]): HTMLElement => {
      const input = h("input", { type: "radio", name: "text", "data-testid": testid, onchange: () => this.actions.change({ text: on }) });
      input.checked = this.choices.text === on;
      return h("label", { class: "check" }, input, h("span", {}, ...label));
    };
    return h("fieldset", {}, h("legend", {}, texts.text), radio(false, "text-any", texts.anyText), radio(true, "text-is", bdi(texts.textIs(text))));
  }

  private positionField(): HTMLElement | null {
    const at = this.picked.place;
    if (at === null) return null;
    const element = this.picked.chain[at]!;
    const [, , j, m] = element.position!;
    return check(texts.position(j, m, element.tag), "position", (position) => this.actions.change({ position }));
  }

  private typeField(): HTMLElement {
    const select = h("select", { "data-testid": "type", onchange: () => this.actions.change({ type: select.value as EventType }) });
    for (const [type, label] of Object.entries(texts.types)) select.append(h("option", { value: type }, label));
    select.value = this.choices.type;
    return h("label", { class: "field" }, h("span", {}, texts.type), select);
  }

  private insideField(): HTMLElement {
    const field = check(texts.inside, "inside", (inside) => this.actions.change({ inside }));
    box(field).checked = this.choices.inside;
    return field;
  }

  private showContainers(): void {
    const { chain } = this.picked;
    const rows = chain.slice(1, -1).map((element, i) => {
      const at = i + 1;
      const label = check(container(element), `container-${at}`, (on) => {
        const containers = this.choices.containers.filter((other) => other !== at);
        this.actions.change({ containers: on ? [...containers, at] : containers });
      });
      box(label).checked = this.choices.containers.includes(at);
      return label;
    });
    const focused = (this.root.getRootNode() as ShadowRoot).activeElement?.getAttribute("data-testid");
    replace(this.containers, h("legend", { title: texts.containersHelp }, texts.containers), ...rows.reverse());
    if (focused?.startsWith("container-")) this.containers.querySelector<HTMLElement>(`[data-testid=${focused}]`)?.focus();
  }

  private showChips(): void {
    const element = this.picked.chain[this.picked.chain.length - 1]!;
    const { own, tag } = this.choices;
    const focused = [...this.chips.children].indexOf((this.root.getRootNode() as ShadowRoot).activeElement!);
    const chip = (css: string, pressed: boolean, passing: boolean, act: () => void): HTMLElement =>
      h("button", { type: "button", class: passing ? "chip passing" : "chip", "aria-pressed": String(pressed), title: passing ? `${css}\n${texts.passing}` : css, onclick: act }, css);
    const names = partsOf(element).map(({ css, rank }) => {
      const pressed = own.includes(css);
      return chip(css, pressed, rank === "passing", () => this.actions.change({ own: pressed ? own.filter((other) => other !== css) : [...own, css] }));
    });
    const tagCounts = tag || !own.length;
    replace(this.chips, chip(element.tag, tagCounts, false, () => this.actions.change({ tag: !tagCounts })), ...names);
    (this.chips.children[focused] as HTMLElement | undefined)?.focus();
  }
}

function check(label: string, testid: string, change: (on: boolean) => void, detail?: string): HTMLLabelElement {
  const input = h("input", { type: "checkbox", "data-testid": testid, onchange: () => change(input.checked) });
  return h("label", { class: "check" }, input, h("span", {}, label, detail !== undefined && h("span", { class: "dim small" }, " ", bdi(detail))));
}

const box = (label: HTMLElement): HTMLInputElement => label.querySelector("input")!;

