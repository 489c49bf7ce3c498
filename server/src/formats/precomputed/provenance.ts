/** The `provenance` document: JSON, or JSON5 as CloudVolume accepts it; absent means empty. */
import JSON5 from "json5";
import { asObject, type Field, invalid, member } from "../../base/fields.ts";
import { InvalidMetadataError } from "../../errors.ts";
import type { Provenance } from "../format.ts";

export const emptyProvenance: Provenance = { description: "", owners: [], sources: [], processing: [] };

/** Reads a provenance text. Throws InvalidMetadataError. */
export function parseProvenance(text: string): Provenance {
  return checkProvenance(parseJson5(text));
}

/** Validates a provenance value; members that are absent take their empty form. */
export function checkProvenance(value: unknown): Provenance {
  const root: Field = { value, path: "" };
  const document = asObject(root);
  const list = (name: string, isElement: (element: unknown) => boolean, what: string): readonly unknown[] => {
    const found = document[name] ?? [];
    if (!Array.isArray(found) || !found.every(isElement)) {
      throw invalid(member(root, name).path, `an array of ${what}`, found);
    }
    return found;
  };
  const description = document.description ?? "";
  if (typeof description !== "string") {
    throw invalid("/description", "a string", description);
  }
  const isString = (element: unknown): boolean => typeof element === "string";
  const isObject = (element: unknown): boolean =>
    typeof element === "object" && element !== null && !Array.isArray(element);
  return {
    description,
    owners: list("owners", isString, "strings") as readonly string[],
    sources: list("sources", isString, "strings") as readonly string[],
    processing: list("processing", isObject, "objects") as Provenance["processing"],
  };
}

/** The text that CloudVolume writes: sorted keys, indented by 2. */
export function formatProvenance({ description, owners, processing, sources }: Provenance): string {
  return JSON.stringify({ description, owners, processing, sources }, null, 2);
}

function parseJson5(text: string): unknown {
  try {
    return JSON5.parse(text);
  } catch (error) {
    throw new InvalidMetadataError(
      `provenance is neither JSON nor JSON5: ${(error as Error).message}`,
      {},
      { cause: error },
    );
  }
}
