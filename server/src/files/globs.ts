/**
 * Patterns over keys, as CloudFiles' command line has them: a `*` at the end or before a suffix matches within one folder, `**` through all
 * folders below. Pure.
 *
 * Differs from CloudFiles: wildcards may stand anywhere, and `ls` knows `**`, too.
 */
import { InvalidArgumentError } from "../errors.ts";

/** Wildcards in one pattern; each may cost another pass over a name. */
const maxWildcards = 8;

export interface Glob {
  /** Folder that everything matched lies below: "" or ending in "/". Names are relative to it. */
  readonly folder: string;
  /** What every matched name begins with. */
  readonly stem: string;
  /** Does the pattern look into the folders below? */
  readonly isRecursive: boolean;
  /** Does a name below the folder match, without a "/" at its end? */
  matches(name: string): boolean;
}

/** Has the key a wildcard? */
export function isGlob(key: string): boolean {
  return key.includes("*");
}

/** The pattern of a key with wildcards. Throws InvalidArgumentError for more than 8 of them. */
export function parseGlob(key: string): Glob {
  const first = key.indexOf("*");
  const folder = key.slice(0, key.lastIndexOf("/", first) + 1);
  const pattern = key.slice(folder.length);
  const pieces = pattern.split(/(\*+)/);
  if (pieces.length > 2 * maxWildcards + 1) {
    throw new InvalidArgumentError(`a pattern with more than ${maxWildcards} wildcards: "${key.slice(0, 200)}"`, {
      hint: "use fewer wildcards and filter the names",
    });
  }
  const expression = new RegExp(`^${pieces.map(expressionOf).join("")}$`, "s");
  return {
    folder,
    stem: pieces[0] ?? "",
    isRecursive: pattern.includes("**") || pattern.includes("/"),
    matches: (name) => expression.test(name),
  };
}

function expressionOf(piece: string): string {
  if (piece.startsWith("*")) {
    return piece.length > 1 ? ".*" : "[^/]*";
  }
  return piece.replace(/[\\^$.|?+()[\]{}]/g, "\\$&");
}

/** A name before which no name with this stem comes, and few others come after: where a listing may start. "" for an empty stem. */
export function beforeStem(stem: string): string {
  const last = stem.charCodeAt(stem.length - 1);
  const head = stem.slice(0, -1);
  return last > 0x21 && last < 0x80 ? `${head}${String.fromCharCode(last - 1)}~` : head;
}
