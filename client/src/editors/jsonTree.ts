/** The syntax tree of a JSON document that may be broken: where each value stands, and where the text is not JSON. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonPath } from "../../../schemas/messages/infoEditor.ts";

export type { Node } from "jsonc-parser";

/** A place where the text is not JSON. */
export interface SyntaxError {
  readonly offset: number;
  readonly length: number;
  /** For people: "expected a comma". */
  readonly message: string;
}

export interface JsonTree {
  /** Absent where nothing could be read. */
  readonly root: Node | undefined;
  readonly errors: readonly SyntaxError[];
}

/** Nesting beyond which nothing is read; the parser recurses. */
const maxDepth = 200;

/** Reads strict JSON; goes on after errors. */
export function parseJson(text: string): JsonTree {
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) {
    return { root: undefined, errors: [{ offset: tooDeep, length: 1, message: `nested more than ${maxDepth} deep` }] };
  }
  const found: ParseError[] = [];
  const root = parseTree(text, found, { disallowComments: true, allowTrailingComma: false });
  const errors = found.map(({ error, offset, length }) => ({ offset, length, message: describe(error) }));
  return { root, errors };
}

/** The value at `path`; of a key that appears twice the last, as JSON readers do. */
export function nodeAt(root: Node | undefined, path: JsonPath): Node | undefined {
  let node = root;
  for (const segment of path) {
    node = typeof segment === "number" ? elementsOf(node)[segment] : propertyOf(node, segment)?.children?.[1];
  }
  return node;
}

/** The property (key and value) called `key`. */
export function propertyOf(node: Node | undefined, key: string): Node | undefined {
  return node?.type === "object"
    ? node.children?.findLast((property) => property.children?.[0]?.value === key)
    : undefined;
}

/** Where `node` ends, exclusive. */
export function endOf(node: Node): number {
  return node.offset + node.length;
}

/** The line and column of an offset, both counted from 1, for people. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

function elementsOf(node: Node | undefined): readonly Node[] {
  return node?.type === "array" ? (node.children ?? []) : [];
}

/** Offset of the bracket that goes beyond `maxDepth`. */
function findTooDeep(text: string): number | undefined {
  let depth = 0;
  for (const match of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[[{\]}]/g)) {
    const [token] = match;
    if (token === "[" || token === "{") {
      depth++;
    } else if (token === "]" || token === "}") {
      depth--;
    }
    if (depth > maxDepth) {
      return match.index;
    }
  }
  return undefined;
}

const messages: Readonly<Record<string, string>> = {
  InvalidSymbol: "not a JSON value",
  InvalidNumberFormat: "not a JSON number",
  PropertyNameExpected: "expected a name in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon",
  CommaExpected: "expected a comma",
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: "expected the end of the document",
  InvalidCommentToken: "JSON has no comments",
  UnexpectedEndOfComment: "JSON has no comments",
  UnexpectedEndOfString: "the string is not closed",
  UnexpectedEndOfNumber: "the number is not complete",
  InvalidUnicode: "not a Unicode escape",
  InvalidEscapeCharacter: "not an escape",
  InvalidCharacter: "a character that JSON does not allow in a string",
};

function describe(code: ParseError["error"]): string {
  const name = printParseErrorCode(code);
  return messages[name] ?? name;
}
