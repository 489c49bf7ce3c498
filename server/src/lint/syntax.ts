/** Rules of any document: is it JSON at all? */
import { removeChild, replaceValue, type TextEdit } from "./json/edits.ts";
import type { JsonNode, JsonObject, JsonPath, JsonProperty } from "./json/node.ts";
import { isJson5Only } from "./json/parse.ts";
import type { Fault, FaultKind } from "./json/scan.ts";
import { type DocumentKind, type Fix, type LintContext, type Problem, quote, type Rule } from "./rule.ts";

const infoKinds: readonly DocumentKind[] = [
  "volume",
  "graphene",
  "mesh",
  "multilodMesh",
  "skeleton",
  "annotation",
  "segmentProperties",
];

/** Rules that read the text itself. */
export const syntaxRules: readonly Rule[] = [
  {
    id: "JSN001",
    severity: "error",
    summary: "the file is empty",
    kinds: "any",
    *check({ text }) {
      if (isBlank(text)) {
        yield { message: "the file is empty", path: [], range: { offset: 0, length: 0 } };
      }
    },
  },
  {
    id: "JSN002",
    severity: "error",
    summary: "the document is not strict JSON (any document but an info)",
    kinds: "any",
    *check(context) {
      const [first] = context.document.faults;
      const isProvenanceOfJson5 = context.kind === "provenance" && isJson5Only(context.document.faults);
      if (first !== undefined && !isInfo(context) && !isProvenanceOfJson5 && !isBlank(context.text)) {
        yield { message: `not JSON: ${first.message}`, path: [], range: first, fixes: syntaxFixes(context) };
      }
    },
  },
  {
    id: "JSN003",
    severity: "warning",
    summary: "a key stands twice in one object",
    kinds: "any",
    *check({ text, root }) {
      yield* repeatedKeys(text, root);
    },
  },
  {
    id: "PCV001",
    severity: "error",
    summary: "an info is not strict JSON",
    kinds: "any",
    *check(context) {
      if (isInfo(context) && !isBlank(context.text)) {
        yield* syntaxProblems(context);
      }
    },
  },
];

function isInfo({ kind, fileName }: LintContext): boolean {
  return kind === undefined ? fileName === "info" : infoKinds.includes(kind);
}

function isBlank(text: string): boolean {
  return /^\s*$/.test(text);
}

/** One problem for each sort of fault, at the first of that sort: one missing bracket would otherwise be told ten times. */
function* syntaxProblems(context: LintContext): Iterable<Problem> {
  const seen = new Set<FaultKind>();
  for (const fault of context.document.faults) {
    if (seen.has(fault.kind)) {
      continue;
    }
    seen.add(fault.kind);
    const count = context.document.faults.filter(({ kind }) => kind === fault.kind).length;
    const more = count > 1 && fault.kind !== "syntax" ? ` (${count} of them)` : "";
    const fixes = [fixOf(context, [fault.kind])].filter((fix) => fix !== undefined);
    yield { message: `not JSON: ${fault.message}${more}`, path: [], range: fault, fixes };
  }
}

const fixTitles: Readonly<Partial<Record<FaultKind, string>>> = {
  bom: "Remove the byte order mark",
  comment: "Remove the comments",
  trailing_comma: "Remove the trailing commas",
  single_quotes: "Use double quotes",
  bare_key: "Quote the keys",
  number_form: "Write the numbers as JSON does",
  white_space: "Use plain spaces",
};

/** One fix for all that can be put right without a guess. */
export function syntaxFixes(context: LintContext): readonly Fix[] {
  const fixable = (Object.keys(fixTitles) as FaultKind[]).filter((kind) =>
    context.document.faults.some((fault) => fault.kind === kind),
  );
  const fix = fixOf(context, fixable);
  return fix === undefined ? [] : [{ ...fix, title: fixable.length > 1 ? "Rewrite as strict JSON" : fix.title }];
}

function fixOf({ document, text }: LintContext, kinds: readonly FaultKind[]): Fix | undefined {
  const title = kinds[0] === undefined ? undefined : fixTitles[kinds[0]];
  if (title === undefined) {
    return undefined;
  }
  const edits = document.faults.filter(({ kind }) => kinds.includes(kind)).map((fault) => editOf(text, fault));
  return { title, edits, isSafe: true };
}

function editOf(text: string, fault: Fault): TextEdit {
  const source = text.slice(fault.offset, fault.offset + fault.length);
  switch (fault.kind) {
    case "comment":
      return removeComment(text, fault);
    case "single_quotes":
      return replaceValue(fault, doubleQuoted(source));
    case "number_form":
      return replaceValue(fault, plainNumber(source));
    case "bare_key":
      return replaceValue(fault, JSON.stringify(source));
    case "white_space":
      return replaceValue(fault, " ".repeat(fault.length));
    default:
      return replaceValue(fault, "");
  }
}

/** The same string in double quotes; escapes that JSON knows stay as they are. */
function doubleQuoted(source: string): string {
  const inner = source.slice(1, source.endsWith("'") ? -1 : undefined);
  return `"${inner.replaceAll(/\\'|\\[\s\S]|"/g, (part) => (part === "\\'" ? "'" : part === '"' ? '\\"' : part))}"`;
}

/** The same number in JSON's form: `.5`, `+1`, `5.`, `007`, `0x10`. */
function plainNumber(source: string): string {
  if (/^[+-]?0x/i.test(source)) {
    const digits = BigInt(source.replace(/^[+-]/, "")).toString();
    return source.startsWith("-") ? `-${digits}` : digits;
  }
  return source
    .replace(/^\+/, "")
    .replace(/^(-?)0+(?=\d)/, "$1")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?!\d)/, "");
}

/** A comment goes with the space before it, and with its line when nothing else stands there. */
function removeComment(text: string, fault: Fault): TextEdit {
  let start = fault.offset;
  while (start > 0 && /[ \t]/.test(text[start - 1] ?? "")) {
    start--;
  }
  const end = fault.offset + fault.length;
  const isLineStart = start === 0 || text[start - 1] === "\n";
  const rest = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(end, end + 200))?.[0];
  if (isLineStart && rest === undefined) {
    const space = /^[ \t]*/.exec(text.slice(end, end + 200))?.[0] ?? "";
    return { offset: fault.offset, length: end + space.length - fault.offset, text: "" };
  }
  if (isLineStart && rest !== undefined) {
    return { offset: start, length: end + rest.length - start, text: "" };
  }
  return { offset: start, length: end - start, text: "" };
}

/** Later ones win everywhere, so the earlier ones are what misleads. */
function repeatedKeys(text: string, root: JsonNode | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  const path: (string | number)[] = [];
  const visit = (node: JsonNode): void => {
    if (node.type === "array") {
      for (const [index, item] of node.items.entries()) {
        visitChild(index, item);
      }
    } else if (node.type === "object") {
      const hidden = hiddenProperties(node.properties);
      for (const property of node.properties) {
        if (hidden?.has(property)) {
          problems.push(repetition(text, node, property, [...path, property.key.value]));
        } else if (property.value !== undefined) {
          visitChild(property.key.value, property.value);
        }
      }
    }
  };
  const visitChild = (step: string | number, node: JsonNode): void => {
    if (node.type === "object" || node.type === "array") {
      path.push(step);
      visit(node);
      path.pop();
    }
  };
  if (root !== undefined) {
    visit(root);
  }
  return problems;
}

/** Properties that a later one of the same name hides; almost always there are none. */
function hiddenProperties(properties: readonly JsonProperty[]): ReadonlySet<JsonProperty> | undefined {
  const last = new Map<string, JsonProperty>();
  for (const property of properties) {
    last.set(property.key.value, property);
  }
  return last.size === properties.length
    ? undefined
    : new Set(properties.filter((property) => last.get(property.key.value) !== property));
}

function repetition(text: string, object: JsonObject, property: JsonProperty, path: JsonPath): Problem {
  const edits = [removeChild(text, object.properties, property)];
  return {
    message: `key stands twice, readers take the last: ${quote(property.key.value)}`,
    path,
    range: property.key,
    fixes: [{ title: "Delete the one that readers ignore", edits, isSafe: true }],
  };
}
