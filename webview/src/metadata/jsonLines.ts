/** The JSON text as coloured lines. */
import { createScanner } from "jsonc-parser";
import type { JsonDocument } from "./jsonDocument.ts";

export type TokenKind = "plain" | "key" | "string" | "number" | "keyword";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** Token numbers of the scanner; the library declares them as a const enum, which isolated modules cannot read. */
const scanned = { keyword: [7, 8, 9], string: 10, number: 11, colon: 6, end: 17 } as const;

/** The tokens of each line; their texts together are the line. Works on broken JSON too. */
export function linesOfTokens({ text, lineStarts }: JsonDocument): readonly (readonly Token[])[] {
  const kinds = kindsByOffset(text);
  return lineStarts.map((start, line) => {
    const end = lineStarts[line + 1] ?? text.length;
    return tokensBetween(text, kinds, { start, end: start + text.slice(start, end).replace(/[\r\n]+$/, "").length });
  });
}

interface KindRange {
  readonly start: number;
  readonly end: number;
  readonly kind: TokenKind;
}

function kindsByOffset(text: string): Map<number, KindRange> {
  const scanner = createScanner(text, true);
  const kinds = new Map<number, KindRange>();
  let lastString: KindRange | undefined;
  for (let token: number = scanner.scan(); token !== scanned.end; token = scanner.scan()) {
    const start = scanner.getTokenOffset();
    const range = { start, end: start + scanner.getTokenLength() };
    if (token === scanned.string) {
      lastString = { ...range, kind: "string" };
      kinds.set(start, lastString);
    } else if (token === scanned.number) {
      kinds.set(start, { ...range, kind: "number" });
    } else if (scanned.keyword.some((keyword) => keyword === token)) {
      kinds.set(start, { ...range, kind: "keyword" });
    } else if (token === scanned.colon && lastString !== undefined) {
      kinds.set(lastString.start, { ...lastString, kind: "key" });
    }
  }
  return kinds;
}

function tokensBetween(
  text: string,
  kinds: ReadonlyMap<number, KindRange>,
  { start, end }: { readonly start: number; readonly end: number },
): readonly Token[] {
  const tokens: Token[] = [];
  let plainFrom = start;
  for (let offset = start; offset < end; offset++) {
    const range = kinds.get(offset);
    if (range !== undefined) {
      tokens.push({ kind: "plain", text: text.slice(plainFrom, offset) });
      plainFrom = Math.min(range.end, end);
      tokens.push({ kind: range.kind, text: text.slice(offset, plainFrom) });
      offset = plainFrom - 1;
    }
  }
  tokens.push({ kind: "plain", text: text.slice(plainFrom, end) });
  return tokens.filter((token) => token.text !== "");
}
