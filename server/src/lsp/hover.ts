/** Hovers: what a field means, what its value means, and what the numbers of a scale amount to. */
import { type Hover, MarkupKind, type Position } from "vscode-languageserver";
import { type JsonNode, type JsonPath, locate, nodeAt } from "../lint/json/node.ts";
import type { DocumentKind } from "../lint/rule.ts";
import { type JsonSchema, schemaAt } from "../lint/schema.ts";
import { readVolume } from "../lint/volumeModel.ts";
import { toRange } from "./diagnostics.ts";
import type { CheckedDocument } from "./documentCache.ts";
import { factsOf } from "./scaleFacts.ts";

/** The hover at a position, or nothing where the document says nothing that the schema knows. */
export function hoverAt({ document, result, kind }: CheckedDocument, position: Position): Hover | undefined {
  const found = locate(result.document.root, document.offsetAt(position));
  const described = found && describedAt(kind, found.path);
  if (found === undefined || described === undefined) {
    return undefined;
  }
  const { path, schema } = described;
  const value = nodeAt(result.document.root, path);
  const paragraphs = [
    `**${titleOf(path, schema)}**`,
    schema.description ?? "",
    valueMeaning(schema, value),
    ...scaleFacts(result.document.root, kind, path),
  ];
  const range = found.property ?? found.node;
  return {
    contents: { kind: MarkupKind.Markdown, value: paragraphs.filter((text) => text !== "").join("\n\n") },
    ...(range && { range: toRange(document, found.isKey && found.property ? found.property.key : range) }),
  };
}

/** The nearest value on the way to the root that the schema describes; not beyond an unknown key. */
function describedAt(
  kind: DocumentKind,
  path: JsonPath,
): { readonly path: JsonPath; readonly schema: JsonSchema } | undefined {
  for (let length = path.length; length > 0; length--) {
    const schema = schemaAt(kind, path.slice(0, length));
    if (schema?.description !== undefined) {
      return { path: path.slice(0, length), schema };
    }
    if (typeof path[length - 1] === "string") {
      return undefined;
    }
  }
  return undefined;
}

function titleOf(path: JsonPath, schema: JsonSchema): string {
  const last = path.at(-1);
  return typeof last === "number" ? `${schema.title ?? "Item"} ${last}` : `\`${last}\``;
}

function valueMeaning(schema: JsonSchema, value: JsonNode | undefined): string {
  if (value?.type !== "string" || schema.enum === undefined) {
    return "";
  }
  const text = schema.enumDescriptions?.[schema.enum.indexOf(value.value)];
  return text === undefined ? "" : `\`${value.value}\`: ${text}`;
}

function scaleFacts(root: JsonNode | undefined, kind: DocumentKind, path: JsonPath): readonly string[] {
  const [first, index, field] = path;
  const volume = kind === "volume" || kind === "graphene" ? readVolume(root) : undefined;
  const scale = first === "scales" ? volume?.scales.find((candidate) => candidate.index === index) : undefined;
  if (volume === undefined || scale === undefined || path.length > 3) {
    return [];
  }
  return factsOf(volume, scale, field === undefined ? undefined : String(field));
}
