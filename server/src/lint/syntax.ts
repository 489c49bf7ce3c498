/** Rules of any document: is it JSON at all? */
import { removeChild, replaceValue, type TextEdit } from "./json/edits.ts";
import type { JsonNode, JsonPath } from "./json/node.ts";
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
      yield* repeatedKeys(text, root, []);
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
      return replaceValue(fault, JSON.stringify(unquote(source)));
    case "bare_key":
      return replaceValue(fault, JSON.stringify(source));
    case "white_space":
      return replaceValue(fault, " ".repeat(fault.length));
    default:
      return replaceValue(fault, "");
  }
}

function unquote(source: string): string {
  return source.slice(1, source.endsWith("'") ? -1 : undefined).replaceAll("\\'", "'");
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
  if (isLineStart) {
    const length = rest === undefined ? end - fault.offset : end + rest.length - start;
    return { offset: rest === undefined ? fault.offset : start, length, text: "" };
  }
  return { offset: start, length: end - start, text: "" };
}

/** Later ones win everywhere, so the earlier ones are what misleads. */
function* repeatedKeys(text: string, node: JsonNode | undefined, path: JsonPath): Iterable<Problem> {
  if (node?.type === "array") {
    for (const [index, item] of node.items.entries()) {
      if (item.type === "object" || item.type === "array") {
        yield* repeatedKeys(text, item, [...path, index]);
      }
    }
  }
  if (node?.type !== "object") {
    return;
  }
  const seen = new Map(node.properties.map((property) => [property.key.value, property]));
  for (const property of node.properties) {
    const key = property.key.value;
    if (seen.get(key) !== property) {
      const edits = [removeChild(text, node.properties, property)];
      const fixes = [{ title: "Delete the one that readers ignore", edits, isSafe: true }];
      const message = `key stands twice, readers take the last: ${quote(key)}`;
      yield { message, path: [...path, key], range: property.key, fixes };
    } else if (property.value?.type === "object" || property.value?.type === "array") {
      yield* repeatedKeys(text, property.value, [...path, key]);
    }
  }
}
