/** Completion of keys and values from the schema. */
import { type CompletionItem, CompletionItemKind, MarkupKind, type Position } from "vscode-languageserver";
import {
  type JsonObject,
  type JsonPath,
  type JsonProperty,
  type Location,
  locate,
  nodeAt,
  type TextRange,
} from "../lint/json/node.ts";
import { type JsonSchema, schemaAt, schemaOf } from "../lint/schema.ts";
import { toRange } from "./diagnostics.ts";
import type { CheckedDocument } from "./documentCache.ts";

/** What fits at a position; empty where nothing does. */
export function completionsAt(checked: CheckedDocument, position: Position): CompletionItem[] {
  const { document, result, kind } = checked;
  const offset = document.offsetAt(position);
  const found = locate(result.document.root, offset);
  const place = found && placeOf(checked, found, offset);
  if (place === undefined) {
    return [];
  }
  const schema = place.path.length === 0 ? schemaOf(kind) : schemaAt(kind, place.path);
  if (schema === undefined) {
    return [];
  }
  return place.type === "key" ? keyItems(checked, schema, place) : valueItems(checked, schema, place.range);
}

interface KeyPlace {
  readonly type: "key";
  readonly object: JsonObject;
  readonly path: JsonPath;
  /** What the key replaces: the key that is there, or nothing at the cursor. */
  readonly range: TextRange;
  /** The property whose key is being written. */
  readonly property?: JsonProperty;
}

interface ValuePlace {
  readonly type: "value";
  readonly path: JsonPath;
  readonly range: TextRange;
}

function placeOf(checked: CheckedDocument, found: Location, offset: number): KeyPlace | ValuePlace | undefined {
  const { node, property, path, isKey } = found;
  const { root, text } = checked.result.document;
  if (isKey && property !== undefined) {
    const parent = path.slice(0, -1);
    const object = nodeAt(root, parent);
    return object?.type === "object" ? { type: "key", object, path: parent, range: property.key, property } : undefined;
  }
  if (node?.type === "object") {
    const before = node.properties.findLast((candidate) => candidate.offset < offset);
    return valueAhead(text, before, path, offset) ?? { type: "key", object: node, path, range: { offset, length: 0 } };
  }
  if (property !== undefined && node === undefined) {
    return valueAhead(text, property, path.slice(0, -1), offset);
  }
  return node === undefined || node.type === "array" ? undefined : { type: "value", path, range: node };
}

/** The place after the colon of a property that has no value yet, with the bare word that stands there. */
function valueAhead(
  text: string,
  property: JsonProperty | undefined,
  parent: JsonPath,
  offset: number,
): ValuePlace | undefined {
  if (property?.colonOffset === undefined || property.value !== undefined || offset <= property.colonOffset) {
    return undefined;
  }
  const word = /^\s*([\w.+-]*)$/.exec(text.slice(property.colonOffset + 1, offset))?.[1];
  return word === undefined
    ? undefined
    : {
        type: "value",
        path: [...parent, property.key.value],
        range: { offset: offset - word.length, length: word.length },
      };
}

function keyItems({ document, kind, result }: CheckedDocument, schema: JsonSchema, place: KeyPlace): CompletionItem[] {
  const present = new Set(place.object.properties.map(({ key }) => key.value));
  const { before, after } = place.property === undefined ? commasRound(result.document.text, place) : noCommas;
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const isOfGraphene = field.description?.startsWith("Graphene only") ?? false;
    if ((present.has(key) && key !== place.property?.key.value) || (isOfGraphene && kind !== "graphene")) {
      return [];
    }
    const quoted = JSON.stringify(key);
    const hasValue = place.property?.colonOffset !== undefined;
    const newText = hasValue ? quoted : `${before}${quoted}: ${defaultSource(field)}${after}`;
    return [
      {
        label: key,
        kind: CompletionItemKind.Property,
        filterText: quoted,
        ...documentationOf(field.description),
        textEdit: { range: toRange(document, place.range), newText },
      },
    ];
  });
}

const noCommas = { before: "", after: "" };

/** Commas that a property at the cursor needs towards its neighbours. */
function commasRound(text: string, { object, range: { offset } }: KeyPlace): typeof noCommas {
  const before = object.properties.findLast((property) => property.offset < offset);
  const after = object.properties.find((property) => property.offset >= offset);
  const isOpen = (start: number, end: number) => !text.slice(start, end).includes(",");
  return {
    before: before !== undefined && isOpen(before.offset + before.length, offset) ? ", " : "",
    after: after !== undefined && isOpen(offset, after.offset) ? ", " : "",
  };
}

function valueItems({ document }: CheckedDocument, schema: JsonSchema, place: TextRange): CompletionItem[] {
  const range = toRange(document, place);
  const values = schema.type === "boolean" ? [true, false] : (schema.enum ?? suggestionsOf(schema));
  return values.map((value, index) => {
    const source = sourceOfValue(value);
    return {
      label: typeof value === "string" ? value : source,
      kind: schema.enum === undefined ? CompletionItemKind.Value : CompletionItemKind.EnumMember,
      filterText: source,
      sortText: String(index).padStart(4, "0"),
      ...documentationOf(schema.enumDescriptions?.[index]),
      textEdit: { range, newText: source },
    };
  });
}

function documentationOf(text: string | undefined): Pick<CompletionItem, "documentation"> {
  return text === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: text } };
}

function suggestionsOf({ default: preset, examples = [] }: JsonSchema): readonly unknown[] {
  const sources = new Map(
    [...(preset === undefined ? [] : [preset]), ...examples].map((value) => [sourceOfValue(value), value]),
  );
  return [...sources.values()];
}

/** A value to begin with: the default, an example, or the empty value of the type. */
function defaultSource(schema: JsonSchema): string {
  const [first = schema.enum?.[0]] = suggestionsOf(schema);
  if (first !== undefined) {
    return sourceOfValue(first);
  }
  const [type] = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return type === "array" ? "[]" : type === "string" ? '""' : type === "integer" || type === "number" ? "0" : "{}";
}

/** JSON on one line, as people write it: `[8, 8, 40]`. */
function sourceOfValue(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/\n */g, " ")
    .replaceAll(/([[{]) | ([\]}])/g, "$1$2");
}
