/** Which documents go to the server, and which of them are documents of ours by their content. */
import { parse } from "jsonc-parser";
import { fileSystemScheme } from "../contributions.ts";

/** Files are offered by name, untitled documents by language; the server decides by content what it has something to say about. */
export const documentSelector = [
  { scheme: "file", pattern: "**/{info,provenance}" },
  { scheme: fileSystemScheme, pattern: "**/{info,provenance}" },
  { scheme: "untitled", language: "json" },
] as const;

/** What a document is by its content. */
export type DocumentKind = "info" | "provenance";

/** Longest text that is looked at; an info is far shorter. */
const maxLookedAtCharacters = 16 << 20;

/**
 * Recognises an `info` (`type` and `scales`, or an `@type` that starts with `neuroglancer_`) and a `provenance` by their keys.
 * Tolerates broken JSON: what could be read counts.
 */
export function documentKindOf(text: string): DocumentKind | undefined {
  if (text.length > maxLookedAtCharacters || !/^\s*\{/.test(text)) {
    return undefined;
  }
  const value: unknown = parse(text);
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const has = (key: string): boolean => Object.hasOwn(value, key);
  const type = (value as Record<string, unknown>)["@type"];
  if ((has("type") && has("scales")) || (typeof type === "string" && type.startsWith("neuroglancer_"))) {
    return "info";
  }
  return has("processing") && has("sources") && has("owners") ? "provenance" : undefined;
}
