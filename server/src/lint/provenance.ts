/** Rules of the `provenance` of a layer. */
import { insertProperty, removeChild, replaceValue } from "./json/edits.ts";
import { findProperty, type JsonNode, type JsonPath, type JsonString, valueAt } from "./json/node.ts";
import { isJson5Only } from "./json/parse.ts";
import { type LintContext, type Problem, quote, type Rule, sourceOf, startOf } from "./rule.ts";
import { syntaxFixes } from "./syntax.ts";

const kinds = ["provenance"] as const;
const emptyFields = { description: '""', owners: "[]", processing: "[]", sources: "[]" } as const;

/** Rules of provenance. */
export const provenanceRules: readonly Rule[] = [
  {
    id: "PRV001",
    severity: "error",
    summary: "description, owners, processing or sources is missing",
    kinds,
    *check({ text, root }) {
      if (root?.type !== "object") {
        return;
      }
      for (const [key, json] of Object.entries(emptyFields)) {
        if (findProperty(root, key) === undefined) {
          const edits = [insertProperty(text, root, key, json)];
          const fixes = [{ title: `Insert "${key}": ${json}`, edits, isSafe: true }];
          yield { message: `provenance needs "${key}"`, path: [], range: startOf(root), fixes };
        }
      }
    },
  },
  {
    id: "PRV002",
    severity: "error",
    summary: "sources or owners is a string instead of a list",
    kinds,
    *check({ text, root }) {
      for (const key of ["sources", "owners"]) {
        const node = valueAt(root, key);
        if (node?.type === "string") {
          const json = node.value === "" ? "[]" : `[${text.slice(node.offset, node.offset + node.length)}]`;
          const fixes = [{ title: "Make it a list", edits: [replaceValue(node, json)], isSafe: true }];
          yield { message: `"${key}" is a list of strings: ${sourceOf(text, node)}`, path: [key], range: node, fixes };
        }
      }
    },
  },
  {
    id: "PRV003",
    severity: "error",
    summary: "an entry of sources or owners stands twice",
    kinds,
    *check({ text, root }) {
      for (const { key, items } of stringLists(root)) {
        const seen = new Set<string>();
        for (const { item, index } of items) {
          if (seen.has(item.value)) {
            const node = valueAt(root, key);
            const siblings = node?.type === "array" ? node.items : [item];
            const fixes = [
              { title: "Delete the repetition", edits: [removeChild(text, siblings, item)], isSafe: true },
            ];
            yield { message: `stands twice in "${key}": ${quote(item.value)}`, path: [key, index], range: item, fixes };
          }
          seen.add(item.value);
        }
      }
    },
  },
  {
    id: "PRV004",
    severity: "warning",
    summary: "provenance that only JSON5 reads",
    kinds,
    *check(context) {
      const { faults } = context.document;
      const [first] = faults;
      if (first !== undefined && isJson5Only(faults)) {
        const message = `JSON5, not JSON; CloudVolume reads it slowly, other tools fail: ${first.message}`;
        yield { message, path: [], range: first, fixes: syntaxFixes(context) };
      }
    },
  },
  {
    id: "PRV005",
    severity: "error",
    summary: "a step of processing is not an object",
    kinds,
    *check({ text, root }) {
      for (const { item, path } of steps(root)) {
        if (item.type !== "object") {
          const json = `{ "method": ${text.slice(item.offset, item.offset + item.length)} }`;
          const fixes = [{ title: 'Wrap as { "method": ... }', edits: [replaceValue(item, json)], isSafe: true }];
          yield { message: `a step of "processing" is an object: ${sourceOf(text, item)}`, path, range: item, fixes };
        }
      }
    },
  },
  {
    id: "PRV006",
    severity: "information",
    summary: "a step of processing without method, by or date",
    kinds,
    *check({ root }) {
      for (const { item, path } of steps(root)) {
        const lacking = ["method", "by", "date"].filter((key) => findProperty(item, key) === undefined);
        const method = valueAt(item, "method");
        if (item.type === "object" && (lacking.length > 0 || method?.type !== "object")) {
          const what = lacking.length > 0 ? `lacks ${lacking.join(", ")}` : 'has a "method" without parameters';
          yield { message: `the step ${what}`, path, range: startOf(item) };
        }
      }
    },
  },
  {
    id: "PRV008",
    severity: "hint",
    summary: "an owner that does not look like an e-mail address",
    kinds,
    *check({ root }) {
      for (const { key, items } of stringLists(root)) {
        for (const { item, index } of key === "owners" ? items : []) {
          if (!/^[^@\s]+@[^@\s]+$/.test(item.value)) {
            yield { message: `no e-mail address: ${quote(item.value)}`, path: [key, index], range: item };
          }
        }
      }
    },
  },
  {
    id: "PRV011",
    severity: "warning",
    summary: "a string that looks like a secret",
    kinds,
    *check({ root }) {
      yield* secrets(root, []);
    },
  },
];

interface StringList {
  readonly key: string;
  readonly items: readonly { readonly item: JsonString; readonly index: number }[];
}

function stringLists(root: JsonNode | undefined): readonly StringList[] {
  return ["sources", "owners"].map((key) => {
    const node = valueAt(root, key);
    const items = node?.type === "array" ? node.items : [];
    return { key, items: items.flatMap((item, index) => (item.type === "string" ? [{ item, index }] : [])) };
  });
}

function steps(root: LintContext["root"]): readonly { readonly item: JsonNode; readonly path: JsonPath }[] {
  const node = valueAt(root, "processing");
  return node?.type === "array" ? node.items.map((item, index) => ({ item, path: ["processing", index] })) : [];
}

/** Keys of AWS and Google, tokens of GitHub and Slack, private keys, signed URLs. */
const secretForms: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bAIza[\w-]{35}\b/,
  /\bya29\.[\w-]{20,}/,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/,
  /\bxox[abprs]-[\w-]{10,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig|token|access_token)=[\w%+/-]{8,}/i,
];

/** The message never holds the secret: it ends up in logs. */
function* secrets(node: JsonNode | undefined, path: JsonPath): Iterable<Problem> {
  if (node?.type === "string" && secretForms.some((form) => form.test(node.value))) {
    yield { message: "looks like a secret, and anyone who reads the layer can read it", path, range: node };
  } else if (node?.type === "array") {
    for (const [index, item] of node.items.entries()) {
      yield* secrets(item, [...path, index]);
    }
  } else if (node?.type === "object") {
    for (const { key, value } of node.properties) {
      yield* secrets(value, [...path, key.value]);
    }
  }
}
