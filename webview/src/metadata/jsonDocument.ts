/** A JSON text as the form reads it: a tree with offsets, so that every value can be shown and sent as the source that it is. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonPath } from "../../../schemas/messages/infoEditor.ts";

export type { Node } from "jsonc-parser";

/** The first place where a text is not JSON; line and column count from 1. */
export interface SyntaxProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export interface JsonDocument {
  readonly text: string;
  /** What could be read; absent where that is nothing. */
  readonly root: Node | undefined;
  readonly syntaxProblem: SyntaxProblem | undefined;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** Beyond these a text is shown but not read: the parser recurses, and a form of a million fields helps nobody. */
const limits = { depth: 200, characters: 4 << 20 } as const;

/** Reads `text`; goes on after syntax errors. */
export function readJson(text: string): JsonDocument {
  const lineStarts = findLineStarts(text);
  const refusal = refusalOf(text);
  if (refusal !== undefined) {
    return { text, root: undefined, lineStarts, syntaxProblem: { message: refusal, line: 1, column: 1 } };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  const syntaxProblem =
    first === undefined ? undefined : { message: describe(first.error), ...positionOf(lineStarts, first.offset) };
  return { text, root, lineStarts, syntaxProblem };
}

/** The value at `path`; of a key that appears twice the last, as JSON readers do. */
export function nodeAt(root: Node | undefined, path: JsonPath): Node | undefined {
  let node = root;
  for (const segment of path) {
    node = typeof segment === "number" ? elementsOf(node)[segment] : memberOf(node, segment);
  }
  return node;
}

/** The value of a key. */
export function memberOf(node: Node | undefined, key: string): Node | undefined {
  return membersOf(node).findLast(([name]) => name === key)?.[1];
}

/** Keys and values of an object, in their order; a key without a value is left out. */
export function membersOf(node: Node | undefined): readonly (readonly [key: string, value: Node])[] {
  const properties: readonly Node[] = node?.type === "object" ? (node.children ?? []) : [];
  return properties.flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [[String(key.value), value] as const],
  );
}

/** The elements of an array; none for anything else. */
export function elementsOf(node: Node | undefined): readonly Node[] {
  return node?.type === "array" ? (node.children ?? []) : [];
}

/** The source text of a value. */
export function sourceOf(text: string, node: Node): string {
  return text.slice(node.offset, node.offset + node.length);
}

/** The lines that a value stands on, both counted from 1. */
export function linesOf({ lineStarts }: JsonDocument, node: Node): { readonly first: number; readonly last: number } {
  return {
    first: positionOf(lineStarts, node.offset).line,
    last: positionOf(lineStarts, node.offset + node.length).line,
  };
}

function positionOf(lineStarts: readonly number[], offset: number): { line: number; column: number } {
  const line = Math.max(1, lineStarts.findLastIndex((start) => start <= offset) + 1);
  return { line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
}

function findLineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (match) => match.index + match[0].length)];
}

function refusalOf(text: string): string | undefined {
  if (text.length > limits.characters) {
    return `longer than ${limits.characters >> 20} MiB`;
  }
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[[{\]}]/g)) {
    depth += token === "[" || token === "{" ? 1 : token === "]" || token === "}" ? -1 : 0;
    if (depth > limits.depth) {
      return `nested more than ${limits.depth} deep`;
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
};

function describe(code: ParseError["error"]): string {
  const name = printParseErrorCode(code);
  return messages[name] ?? name;
}
