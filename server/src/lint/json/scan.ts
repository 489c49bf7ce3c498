/**
 * Tokens of JSON and of what people write instead of it: comments, single quotes, bare words, other number forms.
 * Nothing here fails: what is no token at all becomes `unknown`, and each departure from RFC 8259 is told as a fault.
 */
import type { TextRange } from "./node.ts";

/** What kind of departure from strict JSON. All but the last two are allowed by JSON5. */
export type FaultKind =
  | "bom"
  | "comment"
  | "trailing_comma"
  | "non_finite"
  | "single_quotes"
  | "bare_key"
  | "number_form"
  | "escape"
  | "white_space"
  | "syntax"
  | "depth";

/** One departure from strict JSON. */
export interface Fault extends TextRange {
  readonly kind: FaultKind;
  /** A lower-case clause. */
  readonly message: string;
}

export type TokenKind = "{" | "}" | "[" | "]" | ":" | "," | "string" | "number" | "word" | "unknown" | "end";

export interface Token extends TextRange {
  readonly kind: TokenKind;
  /** The decoded text of a string; otherwise the source. */
  readonly text: string;
}

const whiteSpace = /[ \t\r\n]*/y;
const looseSpace = /[\s\u00a0\u2028\u2029]+/y;
const comment = /\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const strictNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const looseNumber = /^[+-]?(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|NaN|Infinity)$/;
const bareWord = /[\p{L}\p{N}_$.+-]+/uy;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a string holds none of them.
const plainDouble = /"[^"\\\u0000-\u001f]*"/y;
const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads tokens one by one; `faults` grows as it goes. */
export class Scanner {
  readonly faults: Fault[] = [];
  readonly #text: string;
  readonly #maxFaults: number;
  #position = 0;
  #hasSyntaxFault = false;

  constructor(text: string, maxFaults: number) {
    this.#text = text;
    this.#maxFaults = maxFaults;
    if (text.charCodeAt(0) === 0xfeff) {
      this.fault("bom", { offset: 0, length: 1 }, "byte order mark before the document");
      this.#position = 1;
    }
  }

  /** Notes a fault, unless there are too many already; the first that JSON5 does not forgive is noted always. */
  fault(kind: FaultKind, range: TextRange, message: string): void {
    const isFirstSyntax = kind === "syntax" && !this.#hasSyntaxFault;
    this.#hasSyntaxFault ||= kind === "syntax";
    if (isFirstSyntax || this.faults.length < this.#maxFaults) {
      this.faults.push({ kind, message, offset: range.offset, length: range.length });
    }
  }

  /** The next token; at the end of the text, `end` for ever. */
  next(): Token {
    this.#skipSpace();
    const offset = this.#position;
    const first = this.#text[offset];
    if (first === undefined) {
      return { kind: "end", offset, length: 0, text: "" };
    }
    if (first === '"') {
      return this.#plainString() ?? this.#string('"');
    }
    if ("{}[]:,".includes(first)) {
      this.#position++;
      return { kind: first as TokenKind, offset, length: 1, text: first };
    }
    return first === "'" ? this.#singleQuoted() : this.#word();
  }

  #skipSpace(): void {
    for (;;) {
      this.#match(whiteSpace);
      const offset = this.#position;
      if (this.#text[offset] === "/") {
        const found = this.#match(comment);
        if (found === undefined) {
          return;
        }
        const isClosed = found.startsWith("//") || (found.endsWith("*/") && found.length >= 4);
        const range = { offset, length: found.length };
        this.fault(isClosed ? "comment" : "syntax", range, isClosed ? "comment" : "comment without its end");
        continue;
      }
      const loose = this.#match(looseSpace);
      if (loose === undefined) {
        return;
      }
      this.fault("white_space", { offset, length: loose.length }, "white space that JSON does not know");
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) {
      this.#position += found.length;
    }
    return found;
  }

  #plainString(): Token | undefined {
    const offset = this.#position;
    const found = this.#match(plainDouble);
    return found === undefined ? undefined : { kind: "string", offset, length: found.length, text: found.slice(1, -1) };
  }

  #singleQuoted(): Token {
    const token = this.#string("'");
    this.fault("single_quotes", token, "single quotes round a string");
    return token;
  }

  /** A string with escapes, or without its end: then it stops at the end of the line. */
  #string(quote: string): Token {
    const offset = this.#position++;
    let text = "";
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined || character === "\n" || character === "\r") {
        const range = { offset, length: this.#position - offset };
        this.fault("syntax", range, "string without its closing quote");
        return { kind: "string", ...range, text };
      }
      if (character === quote) {
        this.#position++;
        return { kind: "string", offset, length: this.#position - offset, text };
      }
      if (character === "\\") {
        text += this.#escape();
        continue;
      }
      if (character < " ") {
        this.fault("escape", { offset: this.#position, length: 1 }, "control character in a string");
      }
      text += character;
      this.#position++;
    }
  }

  #escape(): string {
    const offset = this.#position;
    const character = this.#text[offset + 1];
    const known = character === undefined ? undefined : simpleEscapes[character];
    if (known !== undefined) {
      this.#position += 2;
      return known;
    }
    const digits = this.#text.slice(offset + 2, offset + 6);
    if (character === "u" && /^[\da-fA-F]{4}$/.test(digits)) {
      this.#position += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (character === "\n" || character === "\r") {
      const length = character === "\r" && this.#text[offset + 2] === "\n" ? 3 : 2;
      this.#position += length;
      this.fault("escape", { offset, length }, "string over several lines");
      return "";
    }
    const isEnd = character === undefined;
    this.#position += isEnd ? 1 : 2;
    this.fault("escape", { offset, length: isEnd ? 1 : 2 }, "unknown escape in a string");
    return character ?? "";
  }

  #word(): Token {
    const offset = this.#position;
    const text = this.#match(bareWord);
    if (text === undefined) {
      const length = (this.#text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
      this.#position += length;
      return { kind: "unknown", offset, length, text: this.#text.slice(offset, offset + length) };
    }
    const isNumber = strictNumber.test(text) || looseNumber.test(text);
    return { kind: isNumber ? "number" : "word", offset, length: text.length, text };
  }

  /** Says what is wrong with a number that only JSON5 reads. */
  checkNumber(token: Token): void {
    if (!strictNumber.test(token.text)) {
      const isNonFinite = /NaN|Infinity/.test(token.text);
      this.fault(isNonFinite ? "non_finite" : "number_form", token, `no JSON number: ${token.text.slice(0, 40)}`);
    }
  }
}
