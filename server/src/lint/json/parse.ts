/**
 * A parser that never fails: it gives the tree that the text most probably means, and every departure from strict JSON
 * beside it. Text that is strict JSON has no faults, and the tree then equals what `JSON.parse` gives.
 */
import type { JsonNode, JsonProperty, JsonString } from "./node.ts";
import { type Fault, Scanner, type Token } from "./scan.ts";

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
  #token: Token;
  /** Ends of the containers that are open, to tell a stray bracket from one that closes an outer container. */
  readonly #open: ("}" | "]")[] = [];
  #end = 0;
  /** A string that was taken for a value, until the colon after it told that it is the next key. */
  #keyAhead: JsonString | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text, maxFaults);
    this.#token = this.#scanner.next();
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

  #advance(): Token {
    const token = this.#token;
    this.#end = token.offset + token.length;
    this.#token = this.#scanner.next();
    return token;
  }

  #isAtEnd(): boolean {
    return this.#token.kind === "end";
  }

  #fault(message: string, token: Token = this.#token): void {
    this.#scanner.fault("syntax", token, message);
  }

  #missingValue(): void {
    const { kind, text } = this.#token;
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
    const { kind, text, offset, length } = this.#token;
    switch (kind) {
      case "{":
      case "[":
        return this.#open.length >= maxDepth ? this.#skipDeep() : kind === "{" ? this.#object() : this.#array();
      case "string":
        this.#advance();
        return { type: "string", offset, length, value: text };
      case "number":
        this.#scanner.checkNumber(this.#advance());
        return { type: "number", offset, length, source: text, value: Number(text.replace(/^([+-])(?=0x)/i, "")) };
      case "word":
        return this.#literal();
      default:
        return undefined;
    }
  }

  #literal(): JsonNode | undefined {
    const { text, offset, length } = this.#token;
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
    const offset = this.#token.offset;
    let depth = 0;
    do {
      const { kind } = this.#advance();
      depth += kind === "{" || kind === "[" ? 1 : kind === "}" || kind === "]" ? -1 : 0;
    } while (depth > 0 && !this.#isAtEnd());
    const range = { offset, length: this.#end - offset };
    this.#scanner.fault("depth", { offset, length: 1 }, `nested deeper than ${maxDepth} levels`);
    return { type: "null", ...range, value: null };
  }

  #array(): JsonNode {
    const offset = this.#advance().offset;
    this.#open.push("]");
    const items: JsonNode[] = [];
    let comma: Token | undefined;
    while (!this.#isClosing("]")) {
      const item = this.#value();
      if (item === undefined) {
        this.#missingValue();
        if (this.#token.kind !== ",") {
          this.#advance();
        }
      } else {
        items.push(item);
      }
      comma = this.#comma("]");
    }
    this.#close("]", comma);
    return { type: "array", offset, length: this.#end - offset, items };
  }

  #object(): JsonNode {
    const offset = this.#advance().offset;
    this.#open.push("}");
    const properties: JsonProperty[] = [];
    let comma: Token | undefined;
    while (!this.#isClosing("}")) {
      const property = this.#property();
      if (property !== undefined) {
        properties.push(property);
      }
      comma = this.#comma("}");
    }
    this.#close("}", comma);
    return { type: "object", offset, length: this.#end - offset, properties };
  }

  #property(): JsonProperty | undefined {
    const key = this.#key();
    if (key === undefined) {
      return undefined;
    }
    let colonOffset: number | undefined;
    if (this.#token.kind === ":") {
      colonOffset = this.#advance().offset;
    } else {
      this.#fault("colon expected");
    }
    const value = colonOffset === undefined && this.#token.kind === "string" ? undefined : this.#value();
    if (value?.type === "string" && colonOffset !== undefined && this.#token.kind === ":") {
      this.#fault("value expected", { kind: ":", text: ":", offset: colonOffset, length: 1 });
      this.#keyAhead = value;
      return { key, colonOffset, offset: key.offset, length: colonOffset + 1 - key.offset };
    }
    if (value === undefined && colonOffset !== undefined) {
      this.#missingValue();
      if (!this.#isClosing("}") && this.#token.kind !== ",") {
        this.#advance();
      }
    }
    const length = (value === undefined ? Math.max(this.#end, key.offset + key.length) : this.#end) - key.offset;
    return {
      key,
      offset: key.offset,
      length,
      ...(value && { value }),
      ...(colonOffset !== undefined && { colonOffset }),
    };
  }

  #key(): JsonString | undefined {
    const token = this.#token;
    const ahead = this.#keyAhead;
    if (ahead !== undefined) {
      this.#keyAhead = undefined;
      return ahead;
    }
    if (token.kind === "string") {
      this.#advance();
      return { type: "string", offset: token.offset, length: token.length, value: token.text };
    }
    if (token.kind === "word" || token.kind === "number") {
      this.#advance();
      this.#scanner.fault(identifier.test(token.text) ? "bare_key" : "syntax", token, "key without quotes");
      return { type: "string", offset: token.offset, length: token.length, value: token.text };
    }
    this.#fault("key expected");
    if (token.kind !== "," && this.#value() === undefined) {
      this.#advance();
    }
    return undefined;
  }

  /** Consumes the comma after an item; returns it when the container ends right after. */
  #comma(end: "}" | "]"): Token | undefined {
    if (this.#keyAhead !== undefined) {
      return undefined;
    }
    if (this.#token.kind === ",") {
      const comma = this.#advance();
      return this.#isClosing(end) ? comma : undefined;
    }
    if (!this.#isClosing(end)) {
      this.#fault("comma expected");
      const canBegin = ["string", "number", "word", "{", "["].includes(this.#token.kind);
      if (!canBegin) {
        this.#advance();
      }
    }
    return undefined;
  }

  /** Does the container end here: by its own bracket, by that of an outer container, or with the text? */
  #isClosing(end: "}" | "]"): boolean {
    const { kind } = this.#token;
    return kind === "end" || kind === end || ((kind === "}" || kind === "]") && this.#open.includes(kind));
  }

  #close(end: "}" | "]", comma: Token | undefined): void {
    this.#open.pop();
    if (comma !== undefined) {
      this.#scanner.fault("trailing_comma", comma, `comma before the closing "${end}"`);
    }
    if (this.#token.kind === end) {
      this.#advance();
    } else {
      this.#fault(`"${end}" expected`);
    }
  }
}

/** Is this a text that JSON5 reads, though JSON does not? */
export function isJson5Only(faults: readonly Fault[]): boolean {
  return faults.length > 0 && faults.every(({ kind }) => kind !== "syntax" && kind !== "depth");
}
