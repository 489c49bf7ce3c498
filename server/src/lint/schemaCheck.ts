/** The JSON Schema of a document's kind, as a rule: it catches the wrong types that no rule of its own looks for. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { JsonNode, JsonPath } from "./json/node.ts";
import { nodeAt, toPlain } from "./json/node.ts";
import type { DocumentKind, Problem, Rule } from "./rule.ts";
import { schemaOf } from "./schema.ts";

/** Reports what the schema refuses; where a rule of its own reports the same value, that one wins. */
export const schemaRule: Rule = {
  id: "SCH001",
  severity: "error",
  summary: "a value does not fit the schema of the document",
  kinds: ["volume", "graphene", "provenance"],
  *check({ root, kind }) {
    const validate = kind === undefined ? undefined : validatorOf(kind);
    if (root === undefined || validate === undefined || validate(toPlain(root, maxItems))) {
      return;
    }
    const seen = new Set<string>();
    for (const error of deepestFirst(validate.errors ?? [])) {
      // Of an `anyOf` only the branch that fits best is told: the deepest error comes first.
      if (!seen.has(error.instancePath) && ![...seen].some((path) => path.startsWith(`${error.instancePath}/`))) {
        seen.add(error.instancePath);
        yield problemOf(root, error);
      }
    }
  },
};

/** Is the value of `problem` reported by one of `others` already, by itself, by a part, or as part of a list? */
export function isCovered(problem: Problem, others: readonly Problem[], root: JsonNode | undefined): boolean {
  return others.some(({ path }) => {
    const shared = Math.min(path.length, problem.path.length);
    for (let index = 0; index < shared; index++) {
      if (path[index] !== problem.path[index]) {
        return false;
      }
    }
    return path.length >= problem.path.length || nodeAt(root, path)?.type !== "object";
  });
}

/** Of a list longer than this, the rest is left to the other rules. */
const maxItems = 1000;
const maxErrors = 100;
const validators = new Map<DocumentKind, ValidateFunction | undefined>();

/** Compiled once for each kind, on first use. */
function validatorOf(kind: DocumentKind): ValidateFunction | undefined {
  if (!validators.has(kind)) {
    const schema = schemaOf(kind);
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false });
    ajv.addVocabulary(["enumDescriptions"]);
    validators.set(kind, schema === undefined ? undefined : ajv.compile(schema));
  }
  return validators.get(kind);
}

function deepestFirst(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const depthOf = ({ instancePath }: ErrorObject) => instancePath.split("/").length;
  return errors.slice(0, maxErrors).toSorted((a, b) => depthOf(b) - depthOf(a));
}

function problemOf(root: JsonNode, error: ErrorObject): Problem {
  const path = pathOf(root, error.instancePath);
  const name = path.length === 0 ? "the document" : `"${path.at(-1)}"`;
  const allowed = error.keyword === "enum" ? `: ${(error.params.allowedValues as unknown[]).join(", ")}` : "";
  return { message: `${name} ${error.message ?? "is invalid"}${allowed}`, path, range: nodeAt(root, path) ?? root };
}

function pathOf(root: JsonNode, pointer: string): JsonPath {
  const path: (string | number)[] = [];
  for (const step of pointer.split("/").slice(1)) {
    const isIndex = nodeAt(root, path)?.type === "array";
    path.push(isIndex ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return path;
}
