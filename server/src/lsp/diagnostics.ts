/** Findings of the linter as the protocol has them. */
import { type Diagnostic, DiagnosticSeverity, type Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { TextRange } from "../lint/json/node.ts";
import type { Finding, Severity } from "../lint/rule.ts";

const severityOf: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A finding as a diagnostic; `rulesPage` has an anchor for each rule. `data.path` leads to the value in the document. */
export function toDiagnostic(document: TextDocument, finding: Finding, rulesPage?: string): Diagnostic {
  const { rule, severity, message, path, range } = finding;
  return {
    range: toRange(document, range),
    severity: severityOf[severity],
    code: rule,
    ...(rulesPage !== undefined && { codeDescription: { href: `${rulesPage}#${rule.toLowerCase()}` } }),
    source: "cloudvolume",
    message,
    data: { path },
  };
}

/** A place in the text as lines and UTF-16 columns. */
export function toRange(document: TextDocument, { offset, length }: TextRange): Range {
  return { start: document.positionAt(offset), end: document.positionAt(offset + length) };
}
