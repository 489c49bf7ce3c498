/** The small language of `ls -e`: sets of characters and repetitions that stand for many prefixes, `[a-c]{2}`. Pure. */
import { InvalidArgumentError } from "../errors.ts";

const maxPrefixes = 10_000;

/**
 * The texts that an expression stands for, in order, each once: `[abc]` and `[a-c]` are one of these characters, `{n}` after a set repeats it.
 * Throws InvalidArgumentError for an unfinished set and for more than 10,000 texts.
 */
export function expandExpression(expression: string): readonly string[] {
  let texts: readonly string[] = [""];
  for (const { characters, count } of parseExpression(expression)) {
    for (let i = 0; i < count; i++) {
      if (texts.length * characters.length > maxPrefixes) {
        throw invalid(`stands for more than ${maxPrefixes} prefixes`, expression);
      }
      texts = texts.flatMap((text) => characters.map((character) => text + character));
    }
  }
  return texts;
}

interface Piece {
  readonly characters: readonly string[];
  readonly count: number;
}

function parseExpression(expression: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const rest = /\[([^\]]*)\](?:\{(\d{1,3})\})?|([^[\]]+)/gy;
  while (rest.lastIndex < expression.length) {
    const match = rest.exec(expression);
    if (match === null) {
      throw invalid("has a set without its brackets", expression);
    }
    const [, set, count = "1", literal] = match;
    pieces.push(
      set === undefined
        ? { characters: [literal ?? ""], count: 1 }
        : { characters: charactersOf(set, expression), count: Number(count) },
    );
  }
  return pieces;
}

/** `a-c9` -> a, b, c, 9; a `-` at an end is itself. */
function charactersOf(set: string, expression: string): readonly string[] {
  const characters = new Set<string>();
  for (const [, from, to, single] of set.matchAll(/(.)-(.)|(.)/gsu)) {
    const start = (from ?? single ?? "").codePointAt(0) ?? 0;
    const end = (to ?? single ?? "").codePointAt(0) ?? 0;
    if (end < start || end - start >= maxPrefixes) {
      throw invalid(`has the set "${from}-${to}", whose end is before its start or too far from it`, expression);
    }
    for (let code = start; code <= end; code++) {
      characters.add(String.fromCodePoint(code));
    }
  }
  if (characters.size === 0) {
    throw invalid("has an empty set", expression);
  }
  return [...characters];
}

function invalid(problem: string, expression: string): InvalidArgumentError {
  return new InvalidArgumentError(`the expression ${problem}: "${expression.slice(0, 200)}"`, {
    hint: "write sets as [abc] or [a-c], and repetitions as [abc]{2}",
  });
}
