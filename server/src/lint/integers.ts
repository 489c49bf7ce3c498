/** Whole numbers in metadata: what readers take, what they truncate, and how to put it right. */
import { replaceValue } from "./json/edits.ts";
import type { JsonNode, JsonPath } from "./json/node.ts";
import { type Fix, type Problem, sourceOf } from "./rule.ts";

export interface IntegerOptions {
  /** Name of the field, for messages. */
  readonly name: string;
  readonly path: JsonPath;
  readonly isPositive: boolean;
  /** Which way a fraction is put right. */
  readonly round: (value: number) => number;
}

/** A fraction or something else is an error, a numeric string a warning; `64.0` passes. */
export function checkInteger(text: string, node: JsonNode, options: IntegerOptions): Problem | undefined {
  const { name, path, isPositive } = options;
  const wanted = isPositive ? "a positive integer" : "an integer";
  const fail = (fixes: readonly Fix[]): Problem => ({
    message: `"${name}" needs ${wanted}: ${sourceOf(text, node)}`,
    path,
    range: node,
    fixes,
  });
  if (node.type === "string") {
    return checkQuotedInteger(text, node, options) ?? fail([]);
  }
  if (node.type !== "number" || !Number.isFinite(node.value)) {
    return fail([]);
  }
  const rounded = options.round(node.value);
  if (!Number.isInteger(node.value)) {
    const isUsable = Number.isSafeInteger(rounded) && (!isPositive || rounded > 0);
    const edits = [replaceValue(node, String(rounded))];
    return fail(isUsable ? [{ title: `Round to ${rounded}`, edits, isSafe: false }] : []);
  }
  return isPositive && node.value <= 0 ? fail([]) : undefined;
}

function checkQuotedInteger(text: string, node: JsonNode, options: IntegerOptions): Problem | undefined {
  const digits = node.type === "string" ? /^\s*\+?(-?\d+)\s*$/.exec(node.value)?.[1] : undefined;
  if (digits === undefined || (options.isPositive && !(Number(digits) > 0))) {
    return undefined;
  }
  const json = BigInt(digits).toString();
  return {
    message: `"${options.name}" holds a number in quotes: ${sourceOf(text, node)}`,
    path: options.path,
    range: node,
    severity: "warning",
    fixes: [{ title: `Remove the quotes: ${json}`, edits: [replaceValue(node, json)], isSafe: true }],
  };
}

/** An array of three integers; one problem for each wrong number, or one for the whole. */
export function* checkIntegerVector(text: string, node: JsonNode, options: IntegerOptions): Iterable<Problem> {
  const { name, path, isPositive } = options;
  if (node.type !== "array" || node.items.length !== 3) {
    const wanted = isPositive ? "three positive integers [x, y, z]" : "three integers [x, y, z]";
    yield { message: `"${name}" needs ${wanted}: ${sourceOf(text, node)}`, path, range: node };
    return;
  }
  for (const [axis, item] of node.items.entries()) {
    const problem = checkInteger(text, item, { ...options, path: [...path, axis] });
    if (problem !== undefined) {
      yield problem;
    }
  }
}
