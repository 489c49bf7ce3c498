/** What the form may ask for, checked: its messages come from a web page. */
import type { FieldEdit, JsonPath } from "../../../schemas/messages/infoEditor.ts";
import { EditRefusedError } from "./jsonEdits.ts";

/** Bounds of one request; a form stays far below them. */
const limits = { pathLength: 32, edits: 1000, sourceCharacters: 1 << 20 } as const;

/** The params of `edit`. Throws EditRefusedError (`invalid_argument`). */
export function readEditParams(params: unknown): { readonly version: number; readonly edits: readonly FieldEdit[] } {
  const { version, edits } = fieldsOf(params);
  if (!Array.isArray(edits) || edits.length > limits.edits) {
    throw malformed("edits");
  }
  return { version: readCount(version, "version"), edits: edits.map(readEdit) };
}

/** The params of `applyFix`. Throws EditRefusedError (`invalid_argument`). */
export function readFixParams(params: unknown): {
  readonly problem: number;
  readonly fix: number;
  readonly title: string;
} {
  const { problem, fix, title } = fieldsOf(params);
  if (typeof title !== "string") {
    throw malformed("title");
  }
  return { problem: readCount(problem, "problem"), fix: readCount(fix, "fix"), title };
}

/** The path of `revealJson`. Throws EditRefusedError (`invalid_argument`). */
export function readPathParams(params: unknown): JsonPath {
  return readPath(fieldsOf(params).path);
}

function readEdit(value: unknown): FieldEdit {
  const { path, json, insert } = fieldsOf(value);
  if ((json !== undefined && typeof json !== "string") || (json?.length ?? 0) > limits.sourceCharacters) {
    throw malformed("json");
  }
  if (insert !== undefined && insert !== true) {
    throw malformed("insert");
  }
  return {
    path: readPath(path),
    ...(json === undefined ? {} : { json }),
    ...(insert === undefined ? {} : { insert }),
  };
}

function readPath(path: unknown): JsonPath {
  if (!Array.isArray(path) || path.length > limits.pathLength) {
    throw malformed("path");
  }
  return path.map((segment: unknown) => (typeof segment === "string" ? segment : readCount(segment, "path")));
}

function readCount(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(name);
  }
  return value;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) {
    throw malformed("params");
  }
  return { ...value };
}

function malformed(name: string): EditRefusedError {
  return new EditRefusedError({ tag: "invalid_argument", message: `malformed message from the form: "${name}"` });
}
