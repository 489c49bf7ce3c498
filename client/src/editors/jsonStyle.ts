/** How a JSON document is laid out, and source text of values in that layout. Numbers and strings are copied, never read. */
import { endOf, type Node } from "./jsonTree.ts";

export interface JsonStyle {
  /** One level of indentation. */
  readonly unit: string;
  readonly eol: string;
  /** One entry per line, as opposed to the whole document on one line. */
  readonly isMultiLine: boolean;
  /** Arrays of plain values stay on one line even so. */
  readonly hasInlineTuples: boolean;
  /** Between key and value: ": ". */
  readonly colon: string;
  /** Between entries on one line: ", ". */
  readonly comma: string;
  /** Inside the braces of an object on one line: "" or " ". */
  readonly padding: string;
  /** The keys of every object are in alphabetical order. */
  readonly hasSortedKeys: boolean;
}

/** The layout of the document that `root` was read from. An empty document counts as indented by two. */
export function detectStyle(text: string, root: Node): JsonStyle {
  const nodes = [...walk(root)];
  const parents = nodes.filter((node) => isContainer(node) && childrenOf(node).length > 0);
  const broken = parents.filter((node) => isBroken(text, node));
  const tuples = parents.filter(
    (node) => node.type === "array" && childrenOf(node).every((child) => !isContainer(child)),
  );
  const colon =
    firstGap(
      text,
      nodes.filter((node) => node.type === "property"),
    ) ?? ": ";
  return {
    unit: broken.map((node) => unitOf(text, node)).find((unit) => unit !== "") ?? "  ",
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    isMultiLine: parents.length === 0 || broken.length > 0,
    hasInlineTuples: tuples.filter((node) => isBroken(text, node)).length * 2 <= tuples.length,
    colon,
    comma: firstGap(text, parents) ?? (colon.endsWith(" ") ? ", " : ","),
    padding: paddingOf(text, parents),
    hasSortedKeys: parents.every(hasSortedKeys) && parents.some(isObjectOfSeveral),
  };
}

/** The children of an object or array; none for a plain value. */
export function childrenOf(node: Node): readonly Node[] {
  return node.children ?? [];
}

/** Does the first entry of an object or array stand on a line of its own? */
export function isBroken(text: string, node: Node): boolean {
  const [first] = childrenOf(node);
  return first !== undefined && text.slice(node.offset, first.offset).includes("\n");
}

/** The white space before the first character of the line that holds `offset`. */
export function indentationAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

export interface FormatOptions {
  readonly style: JsonStyle;
  /** Indentation of the line that the value starts on. */
  readonly indentation: string;
  readonly isInline: boolean;
}

/** The value that `root` was read from `source`, laid out anew. */
export function formatValue(source: string, root: Node, options: FormatOptions): string {
  const children = childrenOf(root);
  if (!isContainer(root) || children.length === 0) {
    return root.type === "property" ? formatProperty(source, root, options) : source.slice(root.offset, endOf(root));
  }
  const { style, indentation } = options;
  const [open, close] = root.type === "object" ? ["{", "}"] : ["[", "]"];
  if (options.isInline || (style.hasInlineTuples && isTuple(root))) {
    const padding = root.type === "object" ? style.padding : "";
    const entries = children.map((child) => formatValue(source, child, options));
    return open + padding + entries.join(style.comma) + padding + close;
  }
  const inner = indentation + style.unit;
  const entries = children.map((child) => inner + formatValue(source, child, { ...options, indentation: inner }));
  return open + style.eol + entries.join(`,${style.eol}`) + style.eol + indentation + close;
}

function formatProperty(source: string, property: Node, options: FormatOptions): string {
  return childrenOf(property)
    .map((part) => formatValue(source, part, options))
    .join(options.style.colon);
}

/** Is `node` an object or an array? */
export function isContainer(node: Node): boolean {
  return node.type === "object" || node.type === "array";
}

/** An array of plain values, or of such arrays: [[64, 64, 64]]. */
function isTuple(node: Node): boolean {
  return node.type === "array" && childrenOf(node).every((child) => !isContainer(child) || isTuple(child));
}

function unitOf(text: string, node: Node): string {
  const outer = indentationAt(text, node.offset);
  const inner = indentationAt(text, childrenOf(node)[0]?.offset ?? node.offset);
  return inner.startsWith(outer) ? inner.slice(outer.length) : "";
}

function paddingOf(text: string, parents: readonly Node[]): string {
  const object = parents.find((node) => node.type === "object" && !isBroken(text, node));
  return object === undefined ? "" : text.slice(object.offset + 1, childrenOf(object)[0]?.offset);
}

function isObjectOfSeveral(node: Node): boolean {
  return node.type === "object" && childrenOf(node).length > 1;
}

function hasSortedKeys(node: Node): boolean {
  const keys = node.type === "object" ? childrenOf(node).map((property) => String(property.children?.[0]?.value)) : [];
  return keys.every((key, at) => at === 0 || (keys[at - 1] ?? "") <= key);
}

/** The text between the first two children that stand on one line, of any of `nodes`. */
function firstGap(text: string, nodes: readonly Node[]): string | undefined {
  for (const node of nodes) {
    const [first, second] = childrenOf(node);
    if (first !== undefined && second !== undefined) {
      const gap = text.slice(endOf(first), second.offset);
      if (!gap.includes("\n")) {
        return gap;
      }
    }
  }
  return undefined;
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children ?? []) {
    yield* walk(child);
  }
}
