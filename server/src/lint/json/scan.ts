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

const looseSpace = /[\s\u00a0\u2028\u2029]+/y;
const comment = /\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const strictNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const looseNumber = /^[+-]?(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|NaN|Infinity)$/;
const bareWord = /[\p{L}\p{N}_$.+-]+/uy;
const codes = {
  tab: 0x09,
  lineFeed: 0x0a,
  return: 0x0d,
  space: 0x20,
  quote: 0x22,
  apostrophe: 0x27,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openingBracket: 0x5b,
  backslash: 0x5c,
  closingBracket: 0x5d,
  openingBrace: 0x7b,
  closingBrace: 0x7d,
  firstBeyondAscii: 0x80,
} as const;
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

/**
 * Reads tokens one by one; `faults` grows as it goes. The token lies in the scanner itself: a document has millions, and an object
 * for each would cost more than all the rest.
 */
export class Scanner implements TextRange {
  readonly faults: Fault[] = [];
  kind: TokenKind = "end";
  offset = 0;
  length = 0;
  /** The decoded text of a string; otherwise the source. */
  text = "";
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

  /** Goes on to the next token; at the end of the text it stays `end`. */
  next(): void {
    this.#skipSpace();
    const offset = this.#position;
    const code = this.#text.charCodeAt(offset);
    if (Number.isNaN(code)) {
      this.#set("end", offset, "");
    } else if (code === codes.quote) {
      this.#plainString() || this.#string('"');
    } else if (code === codes.apostrophe) {
      this.#singleQuoted();
    } else if (isPunctuation(code)) {
      this.#position++;
      const character = String.fromCharCode(code) as TokenKind;
      this.#set(character, offset, character);
    } else {
      this.#word();
    }
  }

  #set(kind: TokenKind, offset: number, text: string): void {
    this.kind = kind;
    this.offset = offset;
    this.length = this.#position - offset;
    this.text = text;
  }

  #skipSpace(): void {
    for (;;) {
      let code = this.#text.charCodeAt(this.#position);
      while (code === codes.space || code === codes.lineFeed || code === codes.return || code === codes.tab) {
        code = this.#text.charCodeAt(++this.#position);
      }
      const offset = this.#position;
      if (code > codes.space && code < codes.firstBeyondAscii && code !== codes.slash) {
        return;
      }
      if (code === codes.slash) {
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

  /** A string in double quotes without escapes; almost all are. */
  #plainString(): boolean {
    const offset = this.#position;
    let end = offset + 1;
    let code = this.#text.charCodeAt(end);
    while (code >= codes.space && code !== codes.quote && code !== codes.backslash) {
      code = this.#text.charCodeAt(++end);
    }
    if (code !== codes.quote) {
      return false;
    }
    this.#position = end + 1;
    this.#set("string", offset, this.#text.slice(offset + 1, end));
    return true;
  }

  #singleQuoted(): void {
    this.#string("'");
    this.fault("single_quotes", this, "single quotes round a string");
  }

  /** A string with escapes, or without its end: then it stops at the end of the line. */
  #string(quote: string): void {
    const offset = this.#position++;
    let text = "";
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined || character === "\n" || character === "\r") {
        this.#set("string", offset, text);
        this.fault("syntax", this, "string without its closing quote");
        return;
      }
      if (character === quote) {
        this.#position++;
        this.#set("string", offset, text);
        return;
      }
      if (character === "\\") {
        text += this.#escape(quote);
        continue;
      }
      if (character < " ") {
        this.fault("escape", { offset: this.#position, length: 1 }, "control character in a string");
      }
      text += character;
      this.#position++;
    }
  }

  #escape(quote: string): string {
    const offset = this.#position;
    const character = this.#text[offset + 1];
    const known = character === undefined ? undefined : simpleEscapes[character];
    if (known !== undefined) {
      this.#position += 2;
      return known;
    }
    if (character === quote) {
      this.#position += 2;
      return quote;
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

  #word(): void {
    const offset = this.#position;
    const word = this.#plainNumber() ?? this.#match(bareWord);
    if (word === undefined) {
      this.#position += (this.#text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
      this.#set("unknown", offset, this.#text.slice(offset, this.#position));
      return;
    }
    const isNumber = strictNumber.test(word) || looseNumber.test(word);
    this.#set(isNumber ? "number" : "word", offset, word);
  }

  /** The characters up to a comma, bracket or space, when all of them may stand in a number. */
  #plainNumber(): string | undefined {
    const offset = this.#position;
    let end = offset;
    let code = this.#text.charCodeAt(end);
    while ((code >= codes.zero && code <= codes.nine) || code === codes.minus || code === codes.point) {
      code = this.#text.charCodeAt(++end);
    }
    const isWhole = code <= codes.space || code === codes.comma || code === codes.closingBracket;
    if (end === offset || !isWhole) {
      return undefined;
    }
    this.#position = end;
    return this.#text.slice(offset, end);
  }

  /** Says what is wrong with the number at hand, if only JSON5 reads it. */
  checkNumber(): void {
    if (!strictNumber.test(this.text)) {
      const isNonFinite = /NaN|Infinity/.test(this.text);
      this.fault(isNonFinite ? "non_finite" : "number_form", this, `no JSON number: ${this.text.slice(0, 40)}`);
    }
  }
}

function isPunctuation(code: number): boolean {
  return (
    code === codes.comma ||
    code === codes.colon ||
    code === codes.openingBracket ||
    code === codes.closingBracket ||
    code === codes.openingBrace ||
    code === codes.closingBrace
  );
}
