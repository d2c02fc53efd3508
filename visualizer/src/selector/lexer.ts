// From text to tokens, after CSS Syntax Level 3, section 4: as crates/model/src/selector/lexer.rs does.

export type Token =
  | { kind: "space" | "delim" | "ident" | "function" | "string"; text: string; at: number }
  | { kind: "hash"; text: string; isId: boolean; at: number }
  | { kind: "number"; value: number; whole: boolean; signed: boolean; unit: string; at: number };

/** Thrown where a text is not a selector; what to do about it is said by the server. */
export class Refused extends Error {}

const PLACE_MAX = 2 ** 31 - 1;

export function tokens(text: string): Token[] {
  const lexer = new Lexer(text.replace(/\0/g, "\ufffd"));
  const all: Token[] = [];
  for (let token = lexer.next(); token; token = lexer.next()) all.push(token);
  return all;
}

const isNewline = (c: string): boolean => /^[\n\r\f]$/.test(c);
const isSpace = (c: string): boolean => /^[ \t\n\r\f]$/.test(c);
const isNameStart = (c: string): boolean => /^[A-Za-z_]$/.test(c) || c > "\x7f";
const isName = (c: string): boolean => isNameStart(c) || /^[\d-]$/.test(c);
const isDigit = (c: string): boolean => /^\d$/.test(c);

class Lexer {
  private at = 0;
  constructor(private readonly text: string) {}

  next(): Token | undefined {
    this.comments();
    const { at } = this;
    const first = this.peek();
    if (first === "") return undefined;
    if (isSpace(first)) {
      while (isSpace(this.peek())) this.at++;
      return { kind: "space", text: " ", at };
    }
    if (first === '"' || first === "'") return { kind: "string", text: this.string(first), at };
    if (this.startsNumber()) return this.number(at);
    if (this.startsIdent(0) && !this.text.startsWith("-->", at)) {
      const text = this.name();
      if (this.peek() !== "(") return { kind: "ident", text, at };
      this.at++;
      return { kind: "function", text, at };
    }
    if (first === "#" && (isName(this.peek(1)) || this.isEscape(1))) {
      const isId = this.startsIdent(1);
      this.at++;
      return { kind: "hash", text: this.name(), isId, at };
    }
    if (first === "\\") throw new Refused();
    this.at++;
    return { kind: "delim", text: first, at };
  }

  private comments(): void {
    while (this.text.startsWith("/*", this.at)) {
      const end = this.text.indexOf("*/", this.at + 2);
      if (end < 0) throw new Refused();
      this.at = end + 2;
    }
  }

  private name(): string {
    let name = "";
    for (;;) {
      if (isName(this.peek())) name += this.text[this.at++];
      else if (this.isEscape(0)) name += this.escape();
      else return name;
    }
  }

  private string(quote: string): string {
    let text = "";
    this.at++;
    for (;;) {
      const c = this.peek();
      if (c === "" || isNewline(c)) throw new Refused();
      if (c !== "\\") this.at++;
      if (c === quote) return text;
      if (c !== "\\") text += c;
      else if (isNewline(this.peek(1))) this.at++, this.skipSpace();
      else if (this.peek(1) === "") throw new Refused();
      else text += this.escape();
    }
  }

  private escape(): string {
    this.at++;
    const digits = /^[\da-f]{1,6}/i.exec(this.text.slice(this.at, this.at + 6))?.[0];
    if (!digits) {
      const c = this.text.codePointAt(this.at);
      if (c === undefined) throw new Refused();
      const char = String.fromCodePoint(c);
      this.at += char.length;
      return char;
    }
    this.at += digits.length;
    if (isSpace(this.peek())) this.skipSpace();
    const code = parseInt(digits, 16);
    const isChar = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isChar ? String.fromCodePoint(code) : "\ufffd";
  }

  private number(at: number): Token {
    const sign = /[+-]/.test(this.peek()) ? this.text[this.at++]! : "";
    let value = Math.min(Number(this.digits() || 0), PLACE_MAX);
    let whole = true;
    if (this.peek() === "." && isDigit(this.peek(1))) {
      whole = false;
      this.at++;
      this.digits();
    }
    const exponent = /^e[+-]?(?=\d)/i.exec(this.text.slice(this.at, this.at + 3));
    if (exponent) {
      whole = false;
      this.at += exponent[0].length;
      this.digits();
    }
    if (sign === "-") value = -value;
    const unit = this.startsIdent(0) ? this.name() : "";
    return { kind: "number", value: whole ? value : 0, whole, signed: sign !== "", unit, at };
  }

  private digits(): string {
    const start = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.text.slice(start, this.at);
  }

  private startsNumber(): boolean {
    const unsigned = (ahead: number): boolean =>
      isDigit(this.peek(ahead)) || (this.peek(ahead) === "." && isDigit(this.peek(ahead + 1)));
    return unsigned(/^[+-]$/.test(this.peek()) ? 1 : 0);
  }

  private startsIdent(ahead: number): boolean {
    const first = this.peek(ahead);
    if (first !== "-") return first === "\\" ? this.isEscape(ahead) : first !== "" && isNameStart(first);
    const second = this.peek(ahead + 1);
    return second === "-" || (second !== "" && isNameStart(second)) || this.isEscape(ahead + 1);
  }

  private isEscape(ahead: number): boolean {
    return this.peek(ahead) === "\\" && !isNewline(this.peek(ahead + 1));
  }

  /** The character `ahead` of the next one; empty past the end. */
  private peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? "";
  }

  private skipSpace(): void {
    this.at += this.text.startsWith("\r\n", this.at) ? 2 : 1;
  }
}
