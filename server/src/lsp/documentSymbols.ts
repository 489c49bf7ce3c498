/** The outline of a document: its fields, and for each scale what it is in a line. */
import { type DocumentSymbol, SymbolKind } from "vscode-languageserver";
import type { JsonNode, JsonProperty } from "../lint/json/node.ts";
import { sourceOf } from "../lint/rule.ts";
import { readVolume } from "../lint/volumeModel.ts";
import { toRange } from "./diagnostics.ts";
import type { CheckedDocument } from "./documentCache.ts";

const maxSymbols = 1000;

/** One symbol for each field of the document; scales and lists of objects have children. */
export function symbolsOf(checked: CheckedDocument): DocumentSymbol[] {
  const { root } = checked.result.document;
  return root?.type === "object"
    ? root.properties.slice(0, maxSymbols).map((property) => fieldSymbol(checked, property))
    : [];
}

function fieldSymbol(checked: CheckedDocument, property: JsonProperty): DocumentSymbol {
  const { document, result } = checked;
  const { key, value } = property;
  const isScales = key.value === "scales" && value?.type === "array" && readVolume(result.document.root) !== undefined;
  const children = value?.type === "array" ? itemSymbols(checked, value.items, isScales) : [];
  return {
    name: key.value === "" ? '""' : key.value,
    detail: value === undefined ? "" : detailOf(result.document.text, value),
    kind: kindOf(value),
    range: toRange(document, property),
    selectionRange: toRange(document, key),
    ...(children.length > 0 && { children }),
  };
}

function itemSymbols(checked: CheckedDocument, items: readonly JsonNode[], areScales: boolean): DocumentSymbol[] {
  const { document, result } = checked;
  const scales = areScales ? (readVolume(result.document.root)?.scales ?? []) : [];
  return items.slice(0, maxSymbols).flatMap((item, index) => {
    if (item.type !== "object") {
      return [];
    }
    const scale = scales.find((candidate) => candidate.index === index);
    const facts = [
      scale?.size?.join(" × "),
      scale?.resolution && `${scale.resolution.join(" × ")} nm`,
      scale?.encoding,
    ];
    return [
      {
        name: scale?.key ? `mip ${index}: ${scale.key}` : String(index),
        detail: facts.filter((fact) => fact !== undefined).join(", "),
        kind: SymbolKind.Object,
        range: toRange(document, item),
        selectionRange: toRange(document, { offset: item.offset, length: 1 }),
      },
    ];
  });
}

function detailOf(text: string, node: JsonNode): string {
  switch (node.type) {
    case "array":
      return `${node.items.length} items`;
    case "object":
      return "";
    default:
      return sourceOf(text, node);
  }
}

function kindOf(node: JsonNode | undefined): SymbolKind {
  switch (node?.type) {
    case "array":
      return SymbolKind.Array;
    case "object":
      return SymbolKind.Object;
    case "number":
      return SymbolKind.Number;
    case "boolean":
      return SymbolKind.Boolean;
    case "null":
      return SymbolKind.Null;
    default:
      return SymbolKind.String;
  }
}
