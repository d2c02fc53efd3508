// Whether a chain's target matches: as crates/model/src/selector/{matching,attribute}.rs do.

import type { Element } from "../chain";
import type { Complex, Nth, Simple } from "./parse";

/** `chain` goes from the root to the target. */
export function matches(list: Complex[], chain: Element[], at = chain.length - 1): boolean {
  return list.some((complex) => matchesComplex(complex, chain, at));
}

/** An attribute as it would be captured: its value, null where it is missing, undefined where that is not known at a glance. */
export type Glance = (attribute: string) => string | null | undefined;

/** Whether the target could match by what it is itself, whatever is above it. */
export function couldMatch(list: Complex[], target: Element, glance: Glance): boolean {
  const could = (simple: Simple): boolean => {
    if (simple.kind !== "attribute") return !/^(type|id|class)$/.test(simple.kind) || is(simple, [target], 0);
    const value = glance(simple.name);
    return value === undefined || (value !== null && (simple.operator === "" || holds(simple, value, target)));
  };
  return list.some((complex) => complex.subject.every(could));
}

function matchesComplex({ ancestors, subject }: Complex, chain: Element[], at: number): boolean {
  return all(subject, chain, at) && above(ancestors.length - 1, at);

  /** Sets of places instead of backtracking: an ancestor is looked at once for each compound. */
  function above(last: number, target: number): boolean {
    let reached = new Set([target]);
    for (let i = last; i >= 0 && reached.size; i--) {
      const { compound, child } = ancestors[i]!;
      const candidates = new Set<number>();
      if (child) for (const place of reached) candidates.add(place - 1);
      else for (let place = Math.max(...reached) - 1; place >= 0; place--) candidates.add(place);
      reached = new Set([...candidates].filter((place) => place >= 0 && all(compound, chain, place)));
    }
    return reached.size > 0;
  }
}

function all(compound: Simple[], chain: Element[], at: number): boolean {
  return compound.every((simple) => is(simple, chain, at));
}

function is(simple: Simple, chain: Element[], at: number): boolean {
  const element = chain[at]!;
  switch (simple.kind) {
    case "universal":
      return true;
    case "root":
      return !element.position;
    case "type":
      return element.tag === simple.name;
    case "id":
      return element.id === simple.name;
    case "class":
      return element.classes.includes(simple.name);
    case "nth":
      return isNth(simple.nth, element.position ?? [1, 1, 1, 1]);
    case "any":
      return matches(simple.list, chain, at);
    case "not":
      return !matches(simple.list, chain, at);
    case "attribute":
      return hasValue(simple, element);
  }
}

function isNth({ step, offset, ofType, fromEnd }: Nth, position: readonly number[]): boolean {
  const [index, count] = (ofType ? position.slice(2) : position) as [number, number];
  const beyond = (fromEnd ? count - index + 1 : index) - offset;
  return step === 0 ? beyond === 0 : beyond % step === 0 && beyond / step >= 0;
}

const IGNORES_CASE = /^(type|rel|target|method)$/;

type AttributeTest = Simple & { kind: "attribute" };

function hasValue(test: AttributeTest, element: Element): boolean {
  const value = valueOf(test.name, element);
  return value !== null && holds(test, value, element);
}

function holds({ name, operator, value: wanted, flag }: AttributeTest, value: string, element: Element): boolean {
  if (flag === "i" || (!flag && IGNORES_CASE.test(name) && !element.foreign)) [value, wanted] = [lower(value), lower(wanted)];
  switch (operator) {
    case "":
      return true;
    case "=":
      return value === wanted;
    case "~=":
      return wanted !== "" && value.split(/[ \t\n\f\r]/).includes(wanted);
    case "|=":
      return value === wanted || value.startsWith(wanted + "-");
    case "^=":
      return wanted !== "" && value.startsWith(wanted);
    case "$=":
      return wanted !== "" && value.endsWith(wanted);
    case "*=":
      return wanted !== "" && value.includes(wanted);
  }
}

function valueOf(name: string, element: Element): string | null {
  if (name === "id") return element.id;
  if (name === "class") return element.classes.length ? element.classes.join(" ") : null;
  return element.attributes.get(name) ?? null;
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
