/**
 * A parser that never fails: it gives the tree that the text most probably means, and every departure from strict JSON
 * beside it. Text that is strict JSON has no faults, and the tree then equals what `JSON.parse` gives.
 */
import type { JsonNode, JsonProperty, JsonString, TextRange } from "./node.ts";
import { type Fault, Scanner, type TokenKind } from "./scan.ts";

/** What the parser made of a text. */
export interface JsonDocument {
  readonly text: string;
  /** Absent when the text holds no value at all. */
  readonly root?: JsonNode;
  readonly faults: readonly Fault[];
}

/** Values nested deeper than this are left out, with a fault of kind `depth`: metadata has no such nesting, an attack has. */
export const maxDepth = 200;
/** Faults beyond these are not told. */
export const maxFaults = 1000;

/** Parses any text. Linear in its length, bounded in depth. */
export function parseJsonDocument(text: string): JsonDocument {
  return new Parser(text).parse();
}

const identifier = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
const pythonWords: Readonly<Record<string, string>> = { None: "null", True: "true", False: "false" };

class Parser {
  readonly #text: string;
  readonly #scanner: Scanner;
  /** Ends of the containers that are open, to tell a stray bracket from one that closes an outer container. */
  readonly #open: ("}" | "]")[] = [];
  /** Where the last token that was consumed ends. */
  #end = 0;
  /** A string that was taken for a value, until the colon after it told that it is the next key. */
  #keyAhead: JsonString | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text, maxFaults);
    this.#scanner.next();
  }

  parse(): JsonDocument {
    let root: JsonNode | undefined;
    while (root === undefined && !this.#isAtEnd()) {
      root = this.#value();
      if (root === undefined) {
        this.#missingValue();
        this.#advance();
      }
    }
    if (root === undefined) {
      this.#fault("the document is empty");
    } else if (!this.#isAtEnd()) {
      this.#fault("text after the end of the document");
    }
    return { text: this.#text, faults: this.#scanner.faults, ...(root && { root }) };
  }

  #advance(): void {
    this.#end = this.#scanner.offset + this.#scanner.length;
    this.#scanner.next();
  }

  #isAt(kind: TokenKind): boolean {
    return this.#scanner.kind === kind;
  }

  #isAtEnd(): boolean {
    return this.#isAt("end");
  }

  #fault(message: string, range: TextRange = this.#scanner): void {
    this.#scanner.fault("syntax", range, message);
  }

  #missingValue(): void {
    const { kind, text } = this.#scanner;
    if (kind !== "word") {
      this.#fault("value expected");
      return;
    }
    const meant = Object.hasOwn(pythonWords, text)
      ? pythonWords[text]
      : "true, false, null or a string in double quotes";
    this.#fault(`unknown word: ${text.slice(0, 40)} (JSON has ${meant})`);
  }

  /** A value, or nothing where none can begin; then no token is consumed. */
  #value(): JsonNode | undefined {
    const { kind, text, offset, length } = this.#scanner;
    switch (kind) {
      case "{":
      case "[":
        return this.#open.length >= maxDepth ? this.#skipDeep() : kind === "{" ? this.#object() : this.#array();
      case "string":
        this.#advance();
        return { type: "string", offset, length, value: text };
      case "number":
        this.#scanner.checkNumber();
        this.#advance();
        return { type: "number", offset, length, source: text, value: toNumber(text) };
      case "word":
        return this.#literal(text, offset, length);
      default:
        return undefined;
    }
  }

  #literal(text: string, offset: number, length: number): JsonNode | undefined {
    if (text === "true" || text === "false") {
      this.#advance();
      return { type: "boolean", offset, length, value: text === "true" };
    }
    if (text === "null") {
      this.#advance();
      return { type: "null", offset, length, value: null };
    }
    return undefined;
  }

  /** Passes over a container that is nested too deep, without recursion. */
  #skipDeep(): JsonNode {
    const { offset } = this.#scanner;
    let depth = 0;
    do {
      const { kind } = this.#scanner;
      depth += kind === "{" || kind === "[" ? 1 : kind === "}" || kind === "]" ? -1 : 0;
      this.#advance();
    } while (depth > 0 && !this.#isAtEnd());
    this.#scanner.fault("depth", { offset, length: 1 }, `nested deeper than ${maxDepth} levels`);
    return { type: "null", offset, length: this.#end - offset, value: null };
  }

  #array(): JsonNode {
    const { offset } = this.#scanner;
    this.#advance();
    this.#open.push("]");
    const items: JsonNode[] = [];
    let commaOffset: number | undefined;
    while (!this.#isClosing("]")) {
      const item = this.#value();
      if (item === undefined) {
        this.#missingValue();
        if (this.#scanner.kind !== ",") {
          this.#advance();
        }
      } else {
        items.push(item);
      }
      commaOffset = this.#comma("]");
    }
    this.#close("]", commaOffset);
    return { type: "array", offset, length: this.#end - offset, items };
  }

  #object(): JsonNode {
    const { offset } = this.#scanner;
    this.#advance();
    this.#open.push("}");
    const properties: JsonProperty[] = [];
    let commaOffset: number | undefined;
    while (!this.#isClosing("}")) {
      const property = this.#property();
      if (property !== undefined) {
        properties.push(property);
      }
      commaOffset = this.#comma("}");
    }
    this.#close("}", commaOffset);
    return { type: "object", offset, length: this.#end - offset, properties };
  }

  #property(): JsonProperty | undefined {
    const key = this.#key();
    if (key === undefined) {
      return undefined;
    }
    const { offset } = key;
    if (this.#scanner.kind !== ":") {
      this.#fault("colon expected");
      const value = this.#scanner.kind === "string" ? undefined : this.#value();
      return value === undefined
        ? { key, offset, length: key.length }
        : { key, offset, length: this.#end - offset, value };
    }
    const colonOffset = this.#scanner.offset;
    this.#advance();
    const value = this.#value();
    if (value?.type === "string" && this.#scanner.kind === ":") {
      this.#fault("value expected", { offset: colonOffset, length: 1 });
      this.#keyAhead = value;
      return { key, offset, length: colonOffset + 1 - offset, colonOffset };
    }
    if (value !== undefined) {
      return { key, offset, length: this.#end - offset, value, colonOffset };
    }
    this.#missingValue();
    if (!this.#isClosing("}") && !this.#isAt(",")) {
      this.#advance();
    }
    return { key, offset, length: this.#end - offset, colonOffset };
  }

  #key(): JsonString | undefined {
    const { kind, text, offset, length } = this.#scanner;
    const ahead = this.#keyAhead;
    if (ahead !== undefined) {
      this.#keyAhead = undefined;
      return ahead;
    }
    if (kind === "word" || kind === "number") {
      this.#scanner.fault(identifier.test(text) ? "bare_key" : "syntax", this.#scanner, "key without quotes");
    }
    if (kind === "string" || kind === "word" || kind === "number") {
      this.#advance();
      return { type: "string", offset, length, value: text };
    }
    this.#fault("key expected");
    if (kind !== "," && this.#value() === undefined) {
      this.#advance();
    }
    return undefined;
  }

  /** Consumes the comma after an item; returns its place when the container ends right after. */
  #comma(end: "}" | "]"): number | undefined {
    const { kind, offset } = this.#scanner;
    if (this.#keyAhead !== undefined) {
      return undefined;
    }
    if (kind === ",") {
      this.#advance();
      return this.#isClosing(end) ? offset : undefined;
    }
    if (!this.#isClosing(end)) {
      this.#fault("comma expected");
      const canBegin = kind === "string" || kind === "number" || kind === "word" || kind === "{" || kind === "[";
      if (!canBegin) {
        this.#advance();
      }
    }
    return undefined;
  }

  /** Does the container end here: by its own bracket, by that of an outer container, or with the text? */
  #isClosing(end: "}" | "]"): boolean {
    const { kind } = this.#scanner;
    return kind === end || kind === "end" || ((kind === "}" || kind === "]") && this.#open.includes(kind));
  }

  #close(end: "}" | "]", commaOffset: number | undefined): void {
    this.#open.pop();
    if (commaOffset !== undefined) {
      const range = { offset: commaOffset, length: 1 };
      this.#scanner.fault("trailing_comma", range, `comma before the closing "${end}"`);
    }
    if (this.#scanner.kind === end) {
      this.#advance();
    } else {
      this.#fault(`"${end}" expected`);
    }
  }
}

function toNumber(text: string): number {
  return Number(/^[+-]0x/i.test(text) ? text.slice(1) : text);
}

/** Is this a text that JSON5 reads, though JSON does not? */
export function isJson5Only(faults: readonly Fault[]): boolean {
  return faults.length > 0 && faults.every(({ kind }) => kind !== "syntax" && kind !== "depth");
}
