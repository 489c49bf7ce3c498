/** Between the source of a value and the text in its field: how it is shown, and which edits a typed text means. */
import type { FieldEdit, JsonPath } from "../../../schemas/messages/infoEditor.ts";
import type { FieldSpec } from "./fieldSpecs.ts";
import { elementsOf, type JsonDocument, type Node, nodeAt, sourceOf } from "./jsonDocument.ts";

/** What a typed text means: edits (none = nothing changed), or why it cannot stand. */
export type DraftResult = { readonly edits: readonly FieldEdit[] } | { readonly error: string };

/** One field of one object of a document. */
export interface FieldPlace {
  readonly spec: FieldSpec;
  /** Path of the object that has the field. */
  readonly base: JsonPath;
}

/** The path of the field's value. `chunk_sizes` is a list, of which readers take the first. */
export function pathOfField({ root }: JsonDocument, { spec, base }: FieldPlace): JsonPath {
  const path = [...base, spec.key];
  return spec.key === "chunk_sizes" && elementsOf(nodeAt(root, path))[0]?.type === "array" ? [...path, 0] : path;
}

/** The value as the field shows it: a string without quotes, a triple as "1, 2, 3", anything else as its source. Absent = "". */
export function textOfField(document: JsonDocument, place: FieldPlace): string {
  const node = nodeAt(document.root, pathOfField(document, place));
  if (node === undefined) {
    return "";
  }
  const elements = elementsOf(node);
  if (place.spec.kind.type === "triple" && elements.length > 0 && elements.every(isPlain)) {
    return elements.map((element) => sourceOf(document.text, element)).join(", ");
  }
  const isWritten = node.type === "string" && (place.spec.kind.type === "text" || place.spec.kind.type === "choice");
  return isWritten ? String(node.value) : sourceOf(document.text, node).replace(/\s+/g, " ");
}

/** The edits that make `draft` the text of the field. */
export function readDraft(document: JsonDocument, place: FieldPlace, draft: string): DraftResult {
  const { spec } = place;
  const path = pathOfField(document, place);
  const current = nodeAt(document.root, path);
  if (draft === textOfField(document, place)) {
    return { edits: [] };
  }
  const trimmed = draft.trim();
  if (trimmed === "") {
    return spec.isOptional ? { edits: current === undefined ? [] : [{ path }] } : { error: "a value is needed" };
  }
  switch (spec.kind.type) {
    case "text":
    case "choice":
      return { edits: [{ path, json: JSON.stringify(trimmed) }] };
    case "number":
      return readNumberDraft(trimmed, path, spec.kind);
    case "triple":
      return readTripleDraft(document, place, trimmed);
  }
}

/** A number of JSON: no leading zeros, no plus sign. */
const numberSyntax = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const integerSyntax = /^-?(?:0|[1-9]\d*)$/;

interface NumberRule {
  readonly min: number;
  readonly max?: number;
  readonly isInteger: boolean;
}

function readNumberDraft(draft: string, path: JsonPath, rule: NumberRule): DraftResult {
  const error = numberError(draft, rule);
  return error === undefined ? { edits: [{ path, json: draft }] } : { error };
}

function numberError(text: string, { min, max = Number.POSITIVE_INFINITY, isInteger }: NumberRule): string | undefined {
  if (!(isInteger ? integerSyntax : numberSyntax).test(text)) {
    return isInteger ? "a whole number is needed" : "a number is needed";
  }
  const value = Number(text);
  if (value >= min && value <= max) {
    return undefined;
  }
  return Number.isFinite(max) ? `between ${min} and ${max}` : `at least ${min}`;
}

/** Only the elements that differ are written, so that the format of the others stays. */
function readTripleDraft(document: JsonDocument, place: FieldPlace, draft: string): DraftResult {
  const tokens = draft
    .replace(/^\[|\]$/g, "")
    .split(/\s*[,;×]\s*|\s+x\s+|\s+/)
    .filter((token) => token !== "");
  if (tokens.length !== 3) {
    return { error: "three numbers are needed: x, y, z" };
  }
  const path = pathOfField(document, place);
  const current = nodeAt(document.root, path);
  const before = elementsOf(current).map((element) => sourceOf(document.text, element));
  for (const [axis, token] of tokens.entries()) {
    const error = token === before[axis] ? undefined : elementError(token, place.spec);
    if (error !== undefined) {
      return { error: `${"xyz"[axis]}: ${error}` };
    }
  }
  const triple = `[${tokens.join(", ")}]`;
  if (place.spec.key === "chunk_sizes" && path.at(-1) === "chunk_sizes") {
    return { edits: [{ path, json: `[${triple}]` }] };
  }
  return before.length === 3
    ? { edits: tokens.flatMap((json, axis) => (json === before[axis] ? [] : [{ path: [...path, axis], json }])) }
    : { edits: [{ path, json: triple }] };
}

function elementError(token: string, { kind }: FieldSpec): string | undefined {
  const element = kind.type === "triple" ? kind.element : "positiveNumber";
  if (element === "positiveNumber") {
    return numberSyntax.test(token) && Number(token) > 0 ? undefined : "a number above 0 is needed";
  }
  if (!integerSyntax.test(token)) {
    return "a whole number is needed";
  }
  return element === "positiveInteger" && BigInt(token) < 1n ? "at least 1" : undefined;
}

function isPlain(node: Node): boolean {
  return node.type !== "array" && node.type !== "object";
}
