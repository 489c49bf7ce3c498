/**
 * Minimal text edits of a JSON document: they touch nothing but what they change, and copy the indentation that is there.
 */
import type { JsonArray, JsonNode, JsonObject, JsonProperty, TextRange } from "./node.ts";

/** Replaces a range of the text. Edits of one fix never overlap. */
export interface TextEdit extends TextRange {
  readonly text: string;
}

/** Puts `json` (source text) in the place of a value. */
export function replaceValue(node: TextRange, json: string): TextEdit {
  return { offset: node.offset, length: node.length, text: json };
}

/** Gives a property another key. */
export function renameKey(property: JsonProperty, key: string): TextEdit {
  return replaceValue(property.key, JSON.stringify(key));
}

/** `value` becomes `[value]`; the text of the value stays. */
export function wrapInArray(node: TextRange): readonly TextEdit[] {
  return [
    { offset: node.offset, length: 0, text: "[" },
    { offset: node.offset + node.length, length: 0, text: "]" },
  ];
}

/** Adds a property at the end of an object, in the layout of its last one. `json` is source text on one line. */
export function insertProperty(text: string, object: JsonObject, key: string, json: string): TextEdit {
  const last = object.properties.at(-1);
  if (last === undefined) {
    return insertFirst(text, object, `${JSON.stringify(key)}: ${json}`);
  }
  const separator = colonLayout(text, last);
  const layout = layoutBefore(text, last, object);
  return { offset: last.offset + last.length, length: 0, text: `,${layout}${JSON.stringify(key)}${separator}${json}` };
}

/** Adds an item at the end of an array, in the layout of its last one. */
export function insertItem(text: string, array: JsonArray, json: string): TextEdit {
  const last = array.items.at(-1);
  if (last === undefined) {
    return insertFirst(text, array, json);
  }
  return { offset: last.offset + last.length, length: 0, text: `,${layoutBefore(text, last, array)}${json}` };
}

/** Removes a property or an item with its comma, and its line when nothing else stands there. */
export function removeChild(text: string, children: readonly TextRange[], child: TextRange): TextEdit {
  const index = children.indexOf(child);
  const end = child.offset + child.length;
  const next = children[index + 1];
  if (next !== undefined) {
    return { offset: child.offset, length: next.offset - child.offset, text: "" };
  }
  const previous = children[index - 1];
  const start = previous === undefined ? child.offset : previous.offset + previous.length;
  return { offset: start, length: end - start + (previous === undefined ? commaAfter(text, end) : 0), text: "" };
}

/** The text with the edits made. Later edits win no conflict: overlapping ones throw. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length);
  let result = "";
  let position = 0;
  for (const edit of ordered) {
    if (edit.offset < position) {
      throw new RangeError(`overlapping edits at offset ${edit.offset}`);
    }
    result += text.slice(position, edit.offset) + edit.text;
    position = edit.offset + edit.length;
  }
  return result + text.slice(position);
}

function insertFirst(text: string, container: JsonNode, json: string): TextEdit {
  const inner = text.slice(container.offset + 1, container.offset + container.length - 1);
  if (!inner.includes("\n")) {
    return { offset: container.offset + 1, length: 0, text: json };
  }
  const newline = inner.includes("\r\n") ? "\r\n" : "\n";
  const outer = indentationAt(text, container.offset);
  const isOnlySpace = inner.trim() === "";
  return {
    offset: container.offset + 1,
    length: isOnlySpace ? inner.length : 0,
    text: `${newline}${outer}${indentUnit(text)}${json}${isOnlySpace ? `${newline}${outer}` : ""}`,
  };
}

/** White space between the comma (or bracket) before a child and the child. */
function layoutBefore(text: string, child: TextRange, container: TextRange): string {
  let start = child.offset;
  while (start > container.offset + 1 && /\s/.test(text[start - 1] ?? "")) {
    start--;
  }
  const space = text.slice(start, child.offset);
  const lineBreak = space.search(/\r?\n[^\r\n]*$/);
  if (lineBreak >= 0) {
    return space.slice(lineBreak);
  }
  const isFirst = start === container.offset + 1;
  return isFirst ? oneLineSpace(text, child) : space;
}

/** Space after a comma where there is none to copy: as after the first colon, `{"a": 1}` or `{"a":1}`. */
function oneLineSpace(text: string, child: TextRange): string {
  const colon = text.indexOf(":", child.offset);
  return colon < 0 || /\s/.test(text[colon + 1] ?? " ") ? " " : "";
}

function colonLayout(text: string, property: JsonProperty): string {
  if (property.colonOffset === undefined || property.value === undefined) {
    return ": ";
  }
  const between = text.slice(property.key.offset + property.key.length, property.value.offset);
  return /^[ \t]*:[ \t]*$/.test(between) ? between : ": ";
}

function commaAfter(text: string, offset: number): number {
  return /^\s*,/.exec(text.slice(offset, offset + 200))?.[0].length ?? 0;
}

function indentationAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** One step of indentation: that of the first indented line. */
function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}
