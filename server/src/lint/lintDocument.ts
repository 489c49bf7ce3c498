/** Checks one document: text in, findings out. Pure, total, and bounded in time and depth. */

import { defaultConfig, type LintConfig } from "./config.ts";
import { type JsonDocument, parseJsonDocument } from "./json/parse.ts";
import { detectKind } from "./kind.ts";
import {
  type DocumentKind,
  type Finding,
  type LintContext,
  type Problem,
  type Rule,
  type Severity,
  severities,
} from "./rule.ts";
import { rules } from "./rules.ts";
import { isCovered, schemaRule } from "./schemaCheck.ts";
import { readVolume } from "./volumeModel.ts";

export interface LintOptions {
  /** The last segment of the document's path. */
  readonly fileName: string;
  /** Did the user name this document to be checked? Then an `info` of no known kind is a finding. Default: no. */
  readonly isExplicit?: boolean;
  /** What the document was while it was whole; used where broken JSON does not tell any more. */
  readonly assumedKind?: DocumentKind;
  readonly config?: LintConfig;
}

export interface LintResult {
  /** Absent: none of our documents. */
  readonly kind?: DocumentKind;
  readonly document: JsonDocument;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
}

/** Longer documents are not read: no metadata is that long, and reading must not take seconds. */
export const maxTextLength = 32 * 2 ** 20;
/** Findings beyond these are not reported. */
export const maxFindings = 1000;

/** Checks a document of any kind. Documents that are none of ours have no findings. Never throws. */
export function lintDocument(text: string, options: LintOptions): LintResult {
  const { fileName, isExplicit = false, config = defaultConfig } = options;
  if (text.length > maxTextLength) {
    return tooLong(text, isExplicit);
  }
  const document = parseJsonDocument(text);
  const detected = detectKind(document.root, { fileName, isExplicit });
  const kind = detected ?? (document.faults.length > 0 ? options.assumedKind : undefined);
  if (kind === undefined && !isExplicit) {
    return { document, findings: [] };
  }
  const context = createContext({ document, kind, fileName, config });
  return { document, findings: findAll(context, config), ...(kind && { kind }) };
}

function createContext({
  document,
  kind,
  fileName,
  config,
}: Pick<LintContext, "document" | "kind" | "fileName"> & { readonly config: LintConfig }): LintContext {
  return {
    document,
    kind,
    fileName,
    text: document.text,
    root: document.root,
    volume: kind === "volume" || kind === "graphene" ? readVolume(document.root) : undefined,
    isTarget: (target) => config.targets.includes(target),
    severityFor: (byTarget) => highest(config.targets.flatMap((target) => byTarget[target] ?? [])) ?? "information",
  };
}

function findAll(context: LintContext, config: LintConfig): readonly Finding[] {
  const findings: Finding[] = [];
  const problems: Problem[] = [];
  for (const rule of rules) {
    if (rule === schemaRule || !appliesTo(rule, context.kind)) {
      continue;
    }
    // Rules that are off run too: the schema must not bring back what the user has silenced.
    for (const problem of takeProblems(rule, context)) {
      problems.push(problem);
      findings.push(...toFinding(rule, problem, config));
    }
  }
  if (appliesTo(schemaRule, context.kind)) {
    const uncovered = takeProblems(schemaRule, context).filter(
      (problem) => !isCovered(problem, problems, context.root),
    );
    findings.push(...uncovered.flatMap((problem) => toFinding(schemaRule, problem, config)));
  }
  return mostSevere(findings).toSorted(byOffset);
}

/** At most `maxFindings`, the worst ones. */
function mostSevere(findings: readonly Finding[]): readonly Finding[] {
  return findings.length <= maxFindings ? findings : findings.toSorted(bySeverity).slice(0, maxFindings);
}

function appliesTo(rule: Rule, kind: DocumentKind | undefined): boolean {
  return rule.kinds === "any" || (kind !== undefined && rule.kinds.includes(kind));
}

function takeProblems(rule: Rule, context: LintContext): readonly Problem[] {
  const problems: Problem[] = [];
  for (const problem of rule.check(context)) {
    problems.push(problem);
    if (problems.length >= maxFindings) {
      break;
    }
  }
  return problems;
}

function toFinding(rule: Rule, problem: Problem, config: LintConfig): readonly Finding[] {
  const chosen = config.rules[rule.id];
  if (chosen === "off" || (chosen === undefined && rule.isOffByDefault)) {
    return [];
  }
  const { message, path, fixes = [] } = problem;
  const { offset, length } = problem.range;
  return [
    {
      rule: rule.id,
      severity: chosen ?? problem.severity ?? rule.severity,
      message,
      path,
      range: { offset, length },
      fixes,
    },
  ];
}

function byOffset(a: Finding, b: Finding): number {
  return a.range.offset - b.range.offset || bySeverity(a, b);
}

function bySeverity(a: Finding, b: Finding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity);
}

function highest(found: readonly Severity[]): Severity | undefined {
  return severities.find((severity) => found.includes(severity));
}

function tooLong(text: string, isExplicit: boolean): LintResult {
  const message = `too long to be checked: ${text.length} characters (at most ${maxTextLength})`;
  const finding: Finding = {
    rule: "JSN002",
    severity: "error",
    message,
    path: [],
    range: { offset: 0, length: 0 },
    fixes: [],
  };
  return { document: { text: "", faults: [] }, findings: isExplicit ? [finding] : [] };
}
