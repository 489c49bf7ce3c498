/**
 * A JSON document as a tree that keeps what `JSON.parse` throws away: where each value stands, the source text of numbers
 * (64-bit integers survive) and keys that stand twice.
 */

/** A place in the text, in UTF-16 code units. */
export interface TextRange {
  readonly offset: number;
  readonly length: number;
}

export interface JsonObject extends TextRange {
  readonly type: "object";
  /** In the order of the text; a key may stand twice. */
  readonly properties: readonly JsonProperty[];
}

/** `key: value`; the range runs from the key to the end of the value. */
export interface JsonProperty extends TextRange {
  readonly key: JsonString;
  /** Absent when the text has none, as while it is being typed. */
  readonly value?: JsonNode;
  /** Where the colon stands; absent when it is missing. */
  readonly colonOffset?: number;
}

export interface JsonArray extends TextRange {
  readonly type: "array";
  readonly items: readonly JsonNode[];
}

export interface JsonString extends TextRange {
  readonly type: "string";
  readonly value: string;
}

export interface JsonNumber extends TextRange {
  readonly type: "number";
  /** As written, so that 64-bit integers keep every digit. */
  readonly source: string;
  /** The nearest double. */
  readonly value: number;
}

export interface JsonLiteral extends TextRange {
  readonly type: "boolean" | "null";
  readonly value: boolean | null;
}

export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonLiteral;

/** Keys and indices from the root to a value. */
export type JsonPath = readonly (string | number)[];

/** The property that readers see: the last of that name. */
export function findProperty(node: JsonNode | undefined, key: string): JsonProperty | undefined {
  if (node?.type !== "object") {
    return undefined;
  }
  // A loop and no closure: rules ask this a million times of a long document.
  for (let index = node.properties.length - 1; index >= 0; index--) {
    const property = node.properties[index];
    if (property?.key.value === key) {
      return property;
    }
  }
  return undefined;
}

/** The value of a key, as readers see it. */
export function valueAt(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return findProperty(node, key)?.value;
}

/** The value at a path. */
export function nodeAt(root: JsonNode | undefined, path: JsonPath): JsonNode | undefined {
  let node = root;
  for (const step of path) {
    node = typeof step === "number" ? (node?.type === "array" ? node.items[step] : undefined) : valueAt(node, step);
  }
  return node;
}

/** RFC 6901: `/scales/0/size`; the root is the empty string. */
export function pointerOf(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Does the range hold the offset? Both ends count, as a cursor touches what it stands beside. */
export function touches(range: TextRange, offset: number): boolean {
  return offset >= range.offset && offset <= range.offset + range.length;
}

/** What stands at an offset. */
export interface Location {
  readonly path: JsonPath;
  /** The innermost value; absent where a property has none yet. */
  readonly node?: JsonNode;
  /** The property whose key or value holds the offset. */
  readonly property?: JsonProperty;
  /** Does the offset stand in the key of `property`? */
  readonly isKey: boolean;
}

/** The innermost property or value that holds the offset. */
export function locate(root: JsonNode | undefined, offset: number): Location | undefined {
  if (root === undefined || !touches(root, offset)) {
    return undefined;
  }
  const path: (string | number)[] = [];
  let node: JsonNode = root;
  let property: JsonProperty | undefined;
  for (;;) {
    if (node.type === "object") {
      const inner = childAt(node.properties, offset);
      if (inner === undefined) {
        return { path, node, isKey: false, ...(property && { property }) };
      }
      path.push(inner.key.value);
      property = inner;
      const isKey = touches(inner.key, offset);
      if (isKey || inner.value === undefined || !touches(inner.value, offset)) {
        return { path, property, isKey, ...(inner.value && { node: inner.value }) };
      }
      node = inner.value;
    } else {
      const inner: JsonNode | undefined = node.type === "array" ? childAt(node.items, offset) : undefined;
      if (node.type !== "array" || inner === undefined) {
        return { path, node, isKey: false, ...(property && { property }) };
      }
      path.push(node.items.indexOf(inner));
      node = inner;
    }
  }
}

/** Binary search: children stand in the order of the text. */
function childAt<T extends TextRange>(children: readonly T[], offset: number): T | undefined {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const child = children[middle];
    if (child !== undefined && child.offset <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const candidate = children[low - 1];
  return candidate !== undefined && touches(candidate, offset) ? candidate : undefined;
}

/**
 * The tree as plain values, for validators; of lists only the first `maxItems`. Objects have no prototype, so a key `__proto__` is a
 * key like any other; integers beyond 2^53 become the nearest double.
 */
export function toPlain(node: JsonNode, maxItems = Number.POSITIVE_INFINITY): unknown {
  switch (node.type) {
    case "object": {
      const object: Record<string, unknown> = Object.create(null);
      for (const property of node.properties) {
        if (property.value !== undefined) {
          object[property.key.value] = toPlain(property.value, maxItems);
        }
      }
      return object;
    }
    case "array":
      return node.items.slice(0, maxItems).map((item) => toPlain(item, maxItems));
    default:
      return node.value;
  }
}
