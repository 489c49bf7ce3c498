/** Quick fixes: one for each fix of a finding, one for all findings of a rule, and one for all that is safe to do unseen. */
import { type CodeAction, CodeActionKind, type CodeActionParams } from "vscode-languageserver";
import { applyEdits, type TextEdit } from "../lint/json/edits.ts";
import { parseJsonDocument } from "../lint/json/parse.ts";
import type { Finding, Fix } from "../lint/rule.ts";
import { toDiagnostic, toRange } from "./diagnostics.ts";
import type { CheckedDocument } from "./documentCache.ts";

const fixAllKind = `${CodeActionKind.SourceFixAll}.cloudvolume`;

/** Kinds of actions that are offered. */
export const codeActionKinds = [CodeActionKind.QuickFix, fixAllKind] as const;

const maxActions = 100;

/** Actions for a range, or for the whole document where "fix all" is asked for. */
export function codeActionsFor(checked: CheckedDocument, { range, context }: CodeActionParams): CodeAction[] {
  const { document, result } = checked;
  const actions: CodeAction[] = [];
  if (isWanted(CodeActionKind.QuickFix, context.only)) {
    const start = document.offsetAt(range.start);
    const end = document.offsetAt(range.end);
    const touched = result.findings.filter(
      ({ range: { offset, length }, fixes }) => fixes.length > 0 && offset <= end && offset + length >= start,
    );
    actions.push(...touched.flatMap((finding) => fixActions(checked, finding)));
    actions.push(...[...new Set(touched.map(({ rule }) => rule))].flatMap((rule) => ruleActions(checked, rule)));
  }
  if (isWanted(fixAllKind, context.only) && context.only !== undefined) {
    const safe = result.findings.flatMap(({ fixes }) => fixes.find(({ isSafe }) => isSafe) ?? []);
    const edits = combine(checked, safe);
    if (edits.length > 0) {
      actions.push({ ...action(checked, "Fix all safe problems of this document", edits), kind: fixAllKind });
    }
  }
  return actions.slice(0, maxActions);
}

/** An asked-for kind names all kinds below it. */
function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((asked) => kind === asked || kind.startsWith(`${asked}.`) || asked === "");
}

function fixActions(checked: CheckedDocument, finding: Finding): readonly CodeAction[] {
  const diagnostics = [toDiagnostic(checked.document, finding)];
  return finding.fixes.map((fix, index) => ({
    ...action(checked, fix.title, fix.edits),
    kind: CodeActionKind.QuickFix,
    diagnostics,
    ...(index === 0 && { isPreferred: true }),
  }));
}

/** The first fix of each finding of a rule, where there are several. */
function ruleActions(checked: CheckedDocument, rule: string): readonly CodeAction[] {
  const fixes = checked.result.findings.flatMap((finding) => (finding.rule === rule ? finding.fixes.slice(0, 1) : []));
  const edits = fixes.length < 2 ? [] : combine(checked, fixes);
  const title = `Fix all ${fixes.length} problems of ${rule}`;
  return edits.length === 0 ? [] : [{ ...action(checked, title, edits), kind: CodeActionKind.QuickFix }];
}

function action({ document }: CheckedDocument, title: string, edits: readonly TextEdit[]): CodeAction {
  const changes = edits.map((edit) => ({ range: toRange(document, edit), newText: edit.text }));
  return { title, edit: { changes: { [document.uri]: changes } } };
}

/** The edits of as many fixes as go together, none where the result would be worse JSON than before. */
function combine({ result: { document } }: CheckedDocument, fixes: readonly Fix[]): readonly TextEdit[] {
  const accepted: TextEdit[] = [];
  for (const { edits } of fixes) {
    if (!edits.some((edit) => accepted.some((other) => isConflict(edit, other)))) {
      accepted.push(...edits);
    }
  }
  const after = parseJsonDocument(applyEdits(document.text, accepted));
  return after.faults.length <= document.faults.length ? accepted : [];
}

/** Do two edits change the same text, or is one of them a repetition? Two insertions at one place go together. */
function isConflict(a: TextEdit, b: TextEdit): boolean {
  const isSame = a.offset === b.offset && a.length === b.length && a.text === b.text;
  return isSame || (a.offset < b.offset + b.length && b.offset < a.offset + a.length);
}
