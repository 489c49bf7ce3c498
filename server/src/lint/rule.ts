/** What a lint rule is, what it finds, and what it may look at. */

import type { TextEdit } from "./json/edits.ts";
import type { JsonNode, JsonPath, TextRange } from "./json/node.ts";
import type { JsonDocument } from "./json/parse.ts";
import type { Volume } from "./volumeModel.ts";

export const severities = ["error", "warning", "information", "hint"] as const;
export type Severity = (typeof severities)[number];

/** Readers that a document is meant for; "spec" is the text of the specification. */
export const targets = ["neuroglancer", "cloudvolume", "tensorstore", "igneous", "spec"] as const;
export type Target = (typeof targets)[number];

/** What a document is, told by its content. */
export type DocumentKind =
  | "volume"
  | "graphene"
  | "mesh"
  | "multilodMesh"
  | "skeleton"
  | "annotation"
  | "segmentProperties"
  | "provenance";

/** A change of the text that takes a finding away. */
export interface Fix {
  readonly title: string;
  /** They do not overlap. */
  readonly edits: readonly TextEdit[];
  /** Does the document mean the same to a reader that accepted it before? Only such fixes are made in bulk. */
  readonly isSafe: boolean;
}

/** What a rule reports. */
export interface Problem {
  /** A lower-case clause, the variable part last. */
  readonly message: string;
  /** The offending value; for a missing key the object that lacks it. */
  readonly path: JsonPath;
  /** Where the reader should look; at least the start of the offending value. */
  readonly range: TextRange;
  /** Absent: the severity of the rule. */
  readonly severity?: Severity;
  /** Best first. */
  readonly fixes?: readonly Fix[];
}

/** A problem with its rule and its final severity. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly path: JsonPath;
  readonly range: TextRange;
  readonly fixes: readonly Fix[];
}

/** What a rule may look at. */
export interface LintContext {
  readonly document: JsonDocument;
  readonly text: string;
  readonly root: JsonNode | undefined;
  /** Absent only for documents that the user named though they are of no known kind. */
  readonly kind: DocumentKind | undefined;
  readonly fileName: string;
  /** Present for volumes. */
  readonly volume: Volume | undefined;
  /** The highest severity among the targets that are on; "information" when none of them minds. */
  severityFor(byTarget: Readonly<Partial<Record<Target, Severity>>>): Severity;
  isTarget(target: Target): boolean;
}

/** One check. Rules know nothing of each other and keep no state. */
export interface Rule {
  readonly id: string;
  /** The highest severity that it reports. */
  readonly severity: Severity;
  /** The rule in one clause, as the settings show it. */
  readonly summary: string;
  /** Kinds of documents that it looks at; "any" includes unknown ones that the user named. */
  readonly kinds: readonly DocumentKind[] | "any";
  readonly isOffByDefault?: true;
  check(context: LintContext): Iterable<Problem>;
}

/** The opening bracket: where a missing key is reported, for the whole object would be too much ink. */
export function startOf(node: TextRange): TextRange {
  return { offset: node.offset, length: Math.min(1, node.length) };
}

/** A value from a document as it may stand in a message: quoted, short, without control characters. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? value : String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Source text of a value as it may stand in a message. */
export function sourceOf(text: string, node: TextRange): string {
  const source = text.slice(node.offset, node.offset + Math.min(node.length, 200)).replaceAll(/\s+/g, " ");
  return quote(source).slice(1, -1).replaceAll('\\"', '"');
}
