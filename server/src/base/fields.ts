/** Reads typed values out of untrusted JSON; every failure names the JSON path of the offending value. */
import { InvalidMetadataError } from "../errors.ts";
import type { Vec3 } from "./vec3.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A value inside a document, with the path that led to it (`/scales/0/size`). */
export interface Field {
  readonly value: unknown;
  readonly path: string;
}

/** The member `name` of an object field; its value is `undefined` when it is absent. */
export function member(object: Field, name: string): Field {
  return { value: asObject(object)[name], path: `${object.path}/${name}` };
}

export function asObject({ value, path }: Field): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(path, "an object", value);
  }
  return value as JsonObject;
}

/** The elements of a non-empty array. */
export function asArray({ value, path }: Field): readonly Field[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(path, "an array with at least one element", value);
  }
  return value.map((element: unknown, index) => ({ value: element, path: `${path}/${index}` }));
}

export function asString({ value, path }: Field): string {
  if (typeof value !== "string" || value === "") {
    throw invalid(path, "a string", value);
  }
  return value;
}

/** An integer that a double holds exactly: a larger one would have been rounded without a word. */
export function asInteger({ value, path }: Field, minimum = Number.MIN_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum) {
    const least = minimum === Number.MIN_SAFE_INTEGER ? "" : ` >= ${minimum}`;
    throw invalid(path, `an integer${least} within ±2^53`, value);
  }
  return value;
}

export function asPositiveNumber({ value, path }: Field): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw invalid(path, "a positive number", value);
  }
  return value;
}

/** Exactly three values, each read by `read`. */
export function asTriple(field: Field, read: (element: Field) => number): Vec3 {
  if (!Array.isArray(field.value) || field.value.length !== 3) {
    throw invalid(field.path, "three numbers", field.value);
  }
  const [x, y, z] = asArray(field).map(read) as [number, number, number];
  return [x, y, z];
}

/** The error for a value that is not what it should be; long values are cut. */
export function invalid(path: string, expected: string, found: unknown): InvalidMetadataError {
  const text = found === undefined ? "nothing" : (JSON.stringify(found) ?? String(found));
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return new InvalidMetadataError(`${path || "the document"} must be ${expected}, found: ${short}`, { path });
}
