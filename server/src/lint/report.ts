/** What the command line prints about documents that were checked. */
import { defaultConfig, type LintConfig } from "./config.ts";
import { createLineIndex, type Position } from "./json/lines.ts";
import { pointerOf } from "./json/node.ts";
import { lintDocument } from "./lintDocument.ts";
import type { Finding } from "./rule.ts";

export interface LintInput {
  /** Path or location as the user gave it; its last segment tells an `info` from a `provenance`. */
  readonly name: string;
  /** The text with its byte order mark, if it has one. */
  readonly text: string;
}

export interface ReportOptions {
  readonly format?: "text" | "json";
  readonly config?: LintConfig;
}

export interface LintReport {
  /** Lines with their ends; empty when there is nothing to say. */
  readonly output: string;
  /** 5 when there is an error, as for any invalid input. */
  readonly exitCode: 0 | 5;
}

/** Checks documents that the user named: `file:line:column: severity RULE message`, or JSON. Never throws. */
export function runLint(inputs: readonly LintInput[], options: ReportOptions = {}): LintReport {
  const { format = "text", config = defaultConfig } = options;
  const checked = inputs.map((input) => {
    const { kind, findings } = lintDocument(input.text, { fileName: fileNameOf(input.name), isExplicit: true, config });
    return { input, kind, findings: locateFindings(input.text, findings) };
  });
  const hasErrors = checked.some(({ findings }) => findings.some(({ finding }) => finding.severity === "error"));
  return { output: format === "json" ? toJson(checked) : toText(checked), exitCode: hasErrors ? 5 : 0 };
}

/** The last segment of a path or location, without a query and a format suffix. */
export function fileNameOf(name: string): string {
  const path = name.replace(/[?#].*$/, "").replace(/\|[^/\\]*$/, "");
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

interface Positioned {
  readonly finding: Finding;
  readonly start: Position;
  readonly end: Position;
}

interface Checked {
  readonly input: LintInput;
  readonly kind: string | undefined;
  readonly findings: readonly Positioned[];
}

function locateFindings(text: string, findings: readonly Finding[]): readonly Positioned[] {
  const positionAt = createLineIndex(text);
  return findings.map((finding) => {
    const { offset, length } = finding.range;
    return { finding, start: positionAt(offset), end: positionAt(offset + length) };
  });
}

function toText(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ input, findings }) =>
    findings.map(
      ({ finding: { rule, severity, message }, start }) =>
        `${input.name}:${start.line}:${start.column}: ${severity} ${rule} ${message}\n`,
    ),
  );
  return lines.join("");
}

function toJson(checked: readonly Checked[]): string {
  const files = checked.map(({ input, kind, findings }) => ({
    file: input.name,
    ...(kind !== undefined && { kind }),
    findings: findings.map(({ finding: { rule, severity, message, path, fixes }, start, end }) => ({
      rule,
      severity,
      message,
      path: pointerOf(path),
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      fixes: fixes.map(({ title }) => title),
    })),
  }));
  return `${JSON.stringify(files, undefined, 2)}\n`;
}
