// From tokens to a list of selectors: as crates/model/src/selector/{parse,compound,pseudo,nth}.rs do. What a chain cannot answer is refused.

import { Refused, tokens, type Token } from "./lexer";

export interface Nth {
  step: number;
  offset: number;
  ofType: boolean;
  fromEnd: boolean;
}

export type Operator = "" | "=" | "~=" | "|=" | "^=" | "$=" | "*=";

export type Simple =
  | { kind: "universal" | "root" }
  | { kind: "type" | "id" | "class"; name: string }
  | { kind: "attribute"; name: string; operator: Operator; value: string; flag: "i" | "s" | "" }
  | { kind: "nth"; nth: Nth }
  | { kind: "any" | "not"; list: Complex[] };

/** Compounds from left to right, with the combinators between them. */
export interface Complex {
  ancestors: { compound: Simple[]; child: boolean }[];
  subject: Simple[];
}

/** The captured attributes, and the two that chains have for themselves. */
export const ATTRIBUTES = (
  "id class name type role href rel target title alt for action method aria-label placeholder " +
  "data-testid data-test-id data-test data-cy data-qa data-id data-action data-cairn-name"
).split(" ");

const BYTES_MAX = 4096;
const DEPTH_MAX = 16;
const PLACE_MAX = 1_000_000;

/** Null where the server would refuse it. */
export function parseSelector(text: string): Complex[] | null {
  if (new TextEncoder().encode(text).length > BYTES_MAX) return null;
  try {
    const parser = new Parser(tokens(text));
    const list = parser.list();
    return parser.peek() ? null : list;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

class Parser {
  private at = 0;
  private depth = 0;
  constructor(private readonly all: Token[]) {}

  list(): Complex[] {
    const list = [this.complex()];
    while (this.take(",")) list.push(this.complex());
    return list;
  }

  peek(ahead = 0): Token | undefined {
    return this.all[this.at + ahead];
  }

  private isDelim(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.kind === "delim" && token.text === text;
  }

  private take(text: string): boolean {
    const found = this.isDelim(text);
    this.at += +found;
    return found;
  }

  private skipSpace(): boolean {
    const { at } = this;
    while (this.peek()?.kind === "space") this.at++;
    return this.at > at;
  }

  private close(bracket: string): void {
    this.skipSpace();
    if (!this.take(bracket)) throw new Refused();
  }

  private complex(): Complex {
    this.skipSpace();
    const ancestors: Complex["ancestors"] = [];
    let subject = this.compound();
    for (let joined = this.combinator(); joined; joined = this.combinator()) {
      ancestors.push({ compound: subject, child: joined === ">" });
      subject = this.compound();
    }
    return { ancestors, subject };
  }

  private combinator(): ">" | " " | null {
    const spaced = this.skipSpace();
    if (!this.peek() || this.isDelim(",") || this.isDelim(")")) return null;
    if (this.isDelim("+") || this.isDelim("~") || (this.isDelim("|") && this.isDelim("|", 1))) throw new Refused();
    if (this.take(">")) return this.skipSpace(), ">";
    if (spaced) return " ";
    throw new Refused();
  }

  private compound(): Simple[] {
    const compound: Simple[] = [];
    while (this.simple(compound)) continue;
    if (!compound.length) throw new Refused();
    return compound;
  }

  private simple(compound: Simple[]): boolean {
    this.refuseNamespace(!compound.length);
    const token = this.peek();
    const isFirst = !compound.length;
    if (token?.kind === "ident" && isFirst) compound.push({ kind: "type", name: lower(token.text) });
    else if (this.isDelim("*") && isFirst) compound.push({ kind: "universal" });
    else if (token?.kind === "hash") {
      if (!token.isId) throw new Refused();
      compound.push({ kind: "id", name: token.text });
    } else if (this.isDelim(".")) {
      const name = this.peek(1);
      if (name?.kind !== "ident") throw new Refused();
      this.at++;
      compound.push({ kind: "class", name: name.text });
    } else if (this.take("[")) return compound.push(this.attribute()), true;
    else if (this.take(":")) return this.pseudo(compound), true;
    else if (this.isDelim("&")) throw new Refused();
    else return false;
    this.at++;
    return true;
  }

  private refuseNamespace(mayBegin: boolean): void {
    const bar = this.peek()?.kind === "ident" || this.isDelim("*") ? 1 : 0;
    const after = this.peek(bar + 1);
    const isPrefix = this.isDelim("|", bar) && after && !this.isDelim("=", bar + 1) && !this.isDelim("|", bar + 1);
    if (mayBegin && isPrefix) throw new Refused();
  }

  private attribute(): Simple {
    this.skipSpace();
    this.refuseNamespace(true);
    const token = this.peek();
    if (token?.kind !== "ident") throw new Refused();
    this.at++;
    const name = lower(token.text);
    this.skipSpace();
    const operator = this.operator();
    const test: Simple = { kind: "attribute", name, operator, value: "", flag: "" };
    if (operator) {
      this.skipSpace();
      const value = this.peek();
      if (value?.kind !== "ident" && value?.kind !== "string") throw new Refused();
      test.value = value.text;
      this.at++;
      this.skipSpace();
      const flag = this.peek();
      if (flag?.kind === "ident") {
        if (!/^[is]$/i.test(flag.text)) throw new Refused();
        test.flag = lower(flag.text) as "i" | "s";
        this.at++;
      }
    }
    this.close("]");
    if (!ATTRIBUTES.includes(name)) throw new Refused();
    return test;
  }

  private operator(): Operator {
    if (this.take("=")) return "=";
    const token = this.peek();
    if (token?.kind !== "delim" || !/^[~|^$*]$/.test(token.text)) return "";
    this.at++;
    // The two characters are one sign: not even a comment may part them.
    if (this.peek()?.at !== token.at + 1 || !this.take("=")) throw new Refused();
    return (token.text + "=") as Operator;
  }

  private pseudo(compound: Simple[]): void {
    const double = this.take(":");
    const token = this.peek();
    if (double || (token?.kind !== "ident" && token?.kind !== "function")) throw new Refused();
    this.at++;
    const name = lower(token.text);
    if (token.kind === "ident") compound.push(...keyword(name));
    else if (name === "is" || name === "where") compound.push({ kind: "any", list: this.nested(() => this.forgivingList()) });
    else if (name === "not") compound.push({ kind: "not", list: this.nested(() => this.list()) });
    else compound.push({ kind: "nth", nth: this.nth(name) });
  }

  private nested(read: () => Complex[]): Complex[] {
    if (this.depth === DEPTH_MAX) throw new Refused();
    this.depth++;
    const list = read();
    this.depth--;
    this.close(")");
    return list;
  }

  private forgivingList(): Complex[] {
    const list: Complex[] = [];
    do {
      this.skipSpace();
      if (this.peek() && !this.isDelim(",") && !this.isDelim(")")) list.push(this.complex());
    } while (this.take(","));
    return list;
  }

  private nth(name: string): Nth {
    const found = /^nth-(last-)?(child|of-type)$/.exec(name);
    if (!found) throw new Refused();
    this.skipSpace();
    const read = anPlusB(this.all.slice(this.at));
    if (!read || Math.abs(read[0]) > PLACE_MAX || Math.abs(read[1]) > PLACE_MAX) throw new Refused();
    this.at += read[2];
    this.close(")");
    return { step: read[0], offset: read[1], ofType: found[2] === "of-type", fromEnd: !!found[1] };
  }
}

function keyword(name: string): Simple[] {
  const first = (ofType: boolean, fromEnd: boolean): Simple => ({ kind: "nth", nth: { step: 0, offset: 1, ofType, fromEnd } });
  const found = /^(first|last|only)-(child|of-type)$/.exec(name);
  if (name === "root") return [{ kind: "root" }];
  if (!found) throw new Refused();
  const ofType = found[2] === "of-type";
  if (found[1] === "only") return [first(ofType, false), first(ofType, true)];
  return [first(ofType, found[1] === "last")];
}

/** Step, offset, and how many tokens they are. After CSS Syntax Level 3, section 6. */
function anPlusB(all: Token[]): [number, number, number] | null {
  let first = all[0];
  let at = 1;
  if (!first) return null;
  if (first.kind === "number" && !first.unit) return first.whole ? [0, first.value, 1] : null;
  let step = 1;
  let unit: string;
  if (first.kind === "delim" && first.text === "+") {
    first = all[1];
    if (first?.kind !== "ident") return null;
    at = 2;
    unit = first.text;
  } else if (first.kind === "ident") {
    if (lower(first.text) === "odd") return [2, 1, 1];
    if (lower(first.text) === "even") return [2, 0, 1];
    unit = first.text.replace(/^-/, () => ((step = -1), ""));
  } else if (first.kind === "number" && first.whole) {
    step = first.value;
    unit = first.unit;
  } else return null;
  const tail = /^n([^]*)$/i.exec(unit)?.[1];
  if (tail === undefined) return null;
  // `n-3` is one name.
  if (/^-\d+$/.test(tail)) return [step, -Math.min(+tail.slice(1), 2 ** 31 - 1), at];
  if (tail !== "" && tail !== "-") return null;
  const read = offset(all.slice(at), tail === "-");
  return read && [step, read[0], at + read[1]];
}

function offset(all: Token[], minus: boolean): [number, number] | null {
  const skip = (at: number): number => {
    while (all[at]?.kind === "space") at++;
    return at;
  };
  let at = skip(0);
  let sign = minus ? -1 : 0;
  const token = all[at];
  if (!sign && token?.kind === "delim" && /^[+-]$/.test(token.text)) {
    sign = token.text === "+" ? 1 : -1;
    at = skip(at + 1);
  }
  const number = all[at];
  if (number?.kind !== "number" || number.unit) return sign ? null : [0, 0];
  if (!number.whole) return null;
  if (sign && !number.signed) return [sign * number.value, at + 1];
  return !sign && number.signed ? [number.value, at + 1] : null;
}

