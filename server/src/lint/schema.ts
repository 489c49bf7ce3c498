/** The JSON Schemas of documents, and what they say of the value at a path: for checks, hovers and completion. */

import volume from "../../../schemas/formats/precomputedVolume.schema.json" with { type: "json" };
import provenance from "../../../schemas/formats/provenance.schema.json" with { type: "json" };
import type { JsonPath } from "./json/node.ts";
import type { DocumentKind } from "./rule.ts";

/** The parts of JSON Schema draft 7 that our schemas use. */
export interface JsonSchema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  /** One text for each entry of `enum`. */
  readonly enumDescriptions?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** The schema of a kind of document, where there is one. */
export function schemaOf(kind: DocumentKind): JsonSchema | undefined {
  switch (kind) {
    case "volume":
    case "graphene":
      return volume as JsonSchema;
    case "provenance":
      return provenance as JsonSchema;
    default:
      return undefined;
  }
}

/** What the schema says of the value at a path, references resolved; nothing for unknown keys. */
export function schemaAt(kind: DocumentKind, path: JsonPath): JsonSchema | undefined {
  const root = schemaOf(kind);
  let schema = root;
  for (const step of path) {
    if (root === undefined || schema === undefined) {
      return undefined;
    }
    const parts = withParts(root, schema);
    schema =
      typeof step === "number"
        ? parts.find(({ items }) => items)?.items
        : parts.map(({ properties }) => ownValue(properties, step)).find((found) => found !== undefined);
    schema = schema && merged(root, schema);
  }
  return schema;
}

/** The schema and the schemas that it is made of. */
function withParts(root: JsonSchema, schema: JsonSchema): readonly JsonSchema[] {
  const target = schema.$ref === undefined ? undefined : root.definitions?.[schema.$ref.replace("#/definitions/", "")];
  return [
    schema,
    ...[target, ...(schema.allOf ?? []), ...(schema.anyOf ?? [])].flatMap((part) =>
      part ? withParts(root, part) : [],
    ),
  ];
}

/** The schema with what its parts say; what stands nearest wins. */
function merged(root: JsonSchema, schema: JsonSchema): JsonSchema {
  return Object.assign({}, ...withParts(root, schema).toReversed());
}

function ownValue(properties: JsonSchema["properties"], key: string): JsonSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}
