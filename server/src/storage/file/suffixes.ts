/** A local file says its compression by its suffix: `KEY`, `KEY.gz`, `KEY.br`, `KEY.zstd`, `KEY.xz`, `KEY.bz2` are one object. */
import type { ContentEncoding } from "../store.ts";

export interface Suffix {
  readonly text: string;
  readonly encoding?: ContentEncoding;
}

/** In the order in which CloudFiles tries them. */
export const suffixes: readonly Suffix[] = [
  { text: "" },
  { text: ".gz", encoding: "gzip" },
  { text: ".br", encoding: "br" },
  { text: ".zstd", encoding: "zstd" },
  { text: ".xz", encoding: "xz" },
  { text: ".bz2", encoding: "bzip2" },
];

/** The suffix that a compression is written with. */
export function suffixOf(encoding: ContentEncoding | undefined): Suffix {
  return suffixes.find((suffix) => suffix.encoding === encoding) ?? { text: "" };
}

/** A file name without its compression suffix; a name that is nothing but a suffix stays. */
export function stripSuffix(name: string): string {
  const suffix = suffixes.find(({ text }) => text !== "" && name.endsWith(text) && name.length > text.length);
  return suffix === undefined ? name : name.slice(0, -suffix.text.length);
}

/** The order in which suffixes are tried: the one that was right last comes first. */
export interface SuffixOrder {
  readonly current: readonly Suffix[];
  moveToFront(suffix: Suffix): void;
}

export function createSuffixOrder(): SuffixOrder {
  let current = suffixes;
  return {
    get current() {
      return current;
    },
    moveToFront(suffix) {
      if (current[0] !== suffix) {
        current = [suffix, ...current.filter((other) => other !== suffix)];
      }
    },
  };
}
