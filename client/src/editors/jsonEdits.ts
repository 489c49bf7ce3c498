/**
 * Minimal edits of a JSON text: sets, adds and removes single values, and leaves every other character as it is (indentation, line
 * ends, order of keys, formats of numbers). Values are source text throughout, so integers beyond 2^53 stay what they are.
 */

import type { WireError } from "../../../schemas/errors.ts";
import type { FieldEdit, JsonPath } from "../../../schemas/messages/infoEditor.ts";
import { childrenOf, detectStyle, formatValue, indentationAt, isBroken, isContainer } from "./jsonStyle.ts";
import { endOf, type JsonTree, type Node, nodeAt, parseJson, positionAt, propertyOf } from "./jsonTree.ts";
import { applyChange, composeChanges, type TextChange } from "./textChanges.ts";

/** An edit that cannot be made; `wire` is what the form is told. */
export class EditRefusedError extends Error {
  readonly wire: WireError;
  constructor(wire: WireError) {
    super(wire.message);
    this.name = "EditRefusedError";
    this.wire = wire;
  }
}

/**
 * The changes of `text` that make `edits`, one after the other; sorted, apart, and counted in `text`. Works around syntax errors that are
 * elsewhere. Throws EditRefusedError where an edit meets one (`data: { line, column }`), where its path leads nowhere, or where its
 * source is not one JSON value.
 */
export function planFieldEdits(text: string, edits: readonly FieldEdit[]): readonly TextChange[] {
  let changes: readonly TextChange[] = [];
  let current = text;
  for (const edit of edits) {
    const change = planEdit(current, edit);
    changes = composeChanges(changes, change, current);
    current = applyChange(current, change);
  }
  return changes.filter((change) => text.slice(change.offset, change.offset + change.length) !== change.text);
}

function planEdit(text: string, edit: FieldEdit): TextChange {
  const tree = parseJson(text);
  const change =
    edit.json === undefined ? planRemoval(text, tree, edit.path) : planSetting(text, tree, edit, edit.json);
  const after = applyChange(text, change);
  if (parseJson(after).errors.length > tree.errors.length) {
    throw brokenJson(text, tree);
  }
  return change;
}

function planSetting(text: string, tree: JsonTree, edit: FieldEdit, json: string): TextChange {
  const source = readSource(json);
  const existing = edit.insert ? undefined : nodeAt(tree.root, edit.path);
  if (existing !== undefined) {
    requireSound(text, tree, existing);
    const isInline = isContainer(existing) && !text.slice(existing.offset, endOf(existing)).includes("\n");
    const replacement = layOut(text, tree, source, indentationAt(text, existing.offset), isInline);
    return { offset: existing.offset, length: existing.length, text: replacement };
  }
  const key = edit.path.at(-1);
  const container = nodeAt(tree.root, edit.path.slice(0, -1));
  if (container === undefined || key === undefined) {
    throw tree.errors.length > 0 ? brokenJson(text, tree) : nowhere(edit.path);
  }
  requireSound(text, tree, container);
  return typeof key === "number"
    ? planElement(text, tree, container, { key, source, path: edit.path })
    : planProperty(text, tree, container, { key, source, path: edit.path });
}

interface Addition<K> {
  readonly key: K;
  readonly source: string;
  readonly path: JsonPath;
}

function planElement(text: string, tree: JsonTree, array: Node, { key, source, path }: Addition<number>): TextChange {
  const siblings = childrenOf(array);
  if (array.type !== "array" || key > siblings.length) {
    throw nowhere(path);
  }
  return planEntry(text, tree, { container: array, index: key, prefix: "", source });
}

/** Adds a property: in its place where the keys are sorted, else last. */
function planProperty(text: string, tree: JsonTree, object: Node, { key, source, path }: Addition<string>): TextChange {
  if (object.type !== "object" || tree.root === undefined) {
    throw nowhere(path);
  }
  if (propertyOf(object, key) !== undefined) {
    throw brokenJson(text, tree);
  }
  const keys = childrenOf(object).map((property) => String(property.children?.[0]?.value));
  const { colon, hasSortedKeys } = detectStyle(text, tree.root);
  const later = hasSortedKeys ? keys.findIndex((name) => name > key) : -1;
  return planEntry(text, tree, {
    container: object,
    index: later === -1 ? keys.length : later,
    prefix: JSON.stringify(key) + colon,
    source,
  });
}

interface Entry {
  readonly container: Node;
  readonly index: number;
  /** Key and colon of a property. */
  readonly prefix: string;
  readonly source: string;
}

/** Puts an entry before the one at `index`, in the layout of its siblings. */
function planEntry(text: string, tree: JsonTree, { container, index, prefix, source }: Entry): TextChange {
  const style = detectStyle(text, tree.root ?? container);
  const siblings = childrenOf(container);
  const [first] = siblings;
  const next = siblings[index];
  const previous = siblings[index - 1];
  if (first === undefined) {
    return planOnlyEntry(text, tree, container, { prefix, source });
  }
  const isOnLines = isBroken(text, container);
  const indentation = indentationAt(text, first.offset);
  const isInline = isContainer(first) && !text.slice(first.offset, endOf(first)).includes("\n");
  const entry = prefix + layOut(text, tree, source, indentation, isInline || !isOnLines);
  const separator = isOnLines ? `,${style.eol}${indentation}` : style.comma;
  return next === undefined
    ? { offset: endOf(previous ?? first), length: 0, text: separator + entry }
    : { offset: next.offset, length: 0, text: entry + separator };
}

function planOnlyEntry(
  text: string,
  tree: JsonTree,
  container: Node,
  entry: Pick<Entry, "prefix" | "source">,
): TextChange {
  const style = detectStyle(text, tree.root ?? container);
  const outer = indentationAt(text, container.offset);
  const inner = outer + style.unit;
  const range = { offset: container.offset + 1, length: container.length - 2 };
  if (!style.isMultiLine) {
    return { ...range, text: entry.prefix + layOut(text, tree, entry.source, outer, true) };
  }
  const value = layOut(text, tree, entry.source, inner, false);
  return { ...range, text: style.eol + inner + entry.prefix + value + style.eol + outer };
}

/** Removes a property or an element, and the comma that it leaves without use. */
function planRemoval(text: string, tree: JsonTree, path: JsonPath): TextChange {
  const container = nodeAt(tree.root, path.slice(0, -1));
  const key = path.at(-1);
  const entry = typeof key === "string" ? propertyOf(container, key) : nodeAt(tree.root, path);
  if (container === undefined || entry === undefined || key === undefined) {
    throw tree.errors.length > 0 ? brokenJson(text, tree) : nowhere(path);
  }
  requireSound(text, tree, container);
  const siblings = childrenOf(container);
  const at = siblings.indexOf(entry);
  const next = siblings[at + 1];
  const previous = siblings[at - 1];
  if (next !== undefined) {
    return { offset: entry.offset, length: next.offset - entry.offset, text: "" };
  }
  if (previous !== undefined) {
    return { offset: endOf(previous), length: endOf(entry) - endOf(previous), text: "" };
  }
  return { offset: container.offset + 1, length: container.length - 2, text: "" };
}

/** Text of a value in the document's layout. Source of several lines was cut from a document and stays as it is. */
function layOut(text: string, tree: JsonTree, source: string, indentation: string, isInline: boolean): string {
  const { root } = parseJson(source);
  if (root === undefined || tree.root === undefined || source.includes("\n")) {
    return source;
  }
  const style = detectStyle(text, tree.root);
  return formatValue(source, root, { style, indentation, isInline: isInline || !style.isMultiLine });
}

/** The source without white space around it. */
function readSource(json: string): string {
  try {
    JSON.parse(json);
  } catch {
    throw new EditRefusedError({ tag: "invalid_argument", message: "not one JSON value" });
  }
  return json.trim();
}

function requireSound(text: string, tree: JsonTree, node: Node): void {
  if (tree.errors.some(({ offset, length }) => offset + length >= node.offset && offset <= endOf(node))) {
    throw brokenJson(text, tree);
  }
}

function brokenJson(text: string, { errors: [first] }: JsonTree): EditRefusedError {
  if (first === undefined) {
    return new EditRefusedError({ tag: "invalid_argument", message: "the edit would break the JSON" });
  }
  const { line, column } = positionAt(text, first.offset);
  const message = `fix the JSON first: ${first.message} at line ${line}, column ${column}`;
  return new EditRefusedError({ tag: "invalid_metadata", message, data: { line, column } });
}

function nowhere(path: JsonPath): EditRefusedError {
  return new EditRefusedError({ tag: "not_found", message: `no such value in the document: "/${path.join("/")}"` });
}
