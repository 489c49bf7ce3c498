/** Where in a JSON document a problem stands: the path of the innermost value that its range lies in. */
import type { JsonPath } from "../../../schemas/messages/infoEditor.ts";
import { endOf, type Node, parseJson } from "./jsonTree.ts";

/** A range of the text in characters, end exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The path of each range: of the value that it covers or lies in; a range on a key means the key's value. Where nothing can be read the
 * path is that of the whole document.
 */
export function pathsOfRanges(text: string, ranges: readonly TextRange[]): readonly JsonPath[] {
  const { root } = parseJson(text);
  return ranges.map((range) => (root === undefined ? [] : pathOf(root, range)));
}

function pathOf(root: Node, range: TextRange): JsonPath {
  const path: (string | number)[] = [];
  let node: Node | undefined = root;
  while (node !== undefined) {
    if (node.type === "property") {
      const [key, value]: readonly Node[] = node.children ?? [];
      path.push(String(key?.value));
      node = value !== undefined && covers(value, range) ? value : undefined;
      continue;
    }
    const children: readonly Node[] = node.children ?? [];
    const at = isSame(node, range) ? -1 : children.findIndex((child) => covers(child, range));
    if (node.type === "array" && at >= 0) {
      path.push(at);
    }
    node = children[at];
  }
  return path;
}

function covers(node: Node, { start, end }: TextRange): boolean {
  return node.offset <= start && end <= endOf(node);
}

function isSame(node: Node, { start, end }: TextRange): boolean {
  return node.offset === start && endOf(node) === end;
}
