/** Settings of the linter: severity by rule, and the readers that documents are meant for. */
import { type Severity, severities, type Target, targets } from "./rule.ts";

export interface LintConfig {
  /** Severity by rule id; "off" silences a rule, anything else switches it on. */
  readonly rules: Readonly<Record<string, Severity | "off">>;
  readonly targets: readonly Target[];
}

/** All rules at their own severity, for the three common readers. */
export const defaultConfig: LintConfig = { rules: {}, targets: ["neuroglancer", "cloudvolume", "tensorstore"] };

/** Settings as they arrive, and what is wrong with them; wrong parts are left out, never an exception. */
export function parseLintConfig(value: unknown): { readonly config: LintConfig; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const settings = isRecord(value) ? value : {};
  const rules: Record<string, Severity | "off"> = Object.create(null);
  for (const [id, severity] of Object.entries(isRecord(settings.rules) ? settings.rules : {})) {
    if (severity === "off" || severities.includes(severity as Severity)) {
      rules[id] = severity as Severity | "off";
    } else {
      problems.push(`unknown severity of "${id}": ${JSON.stringify(severity)} (known: off, ${severities.join(", ")})`);
    }
  }
  const chosen = Array.isArray(settings.targets) ? (settings.targets as unknown[]) : undefined;
  for (const target of chosen ?? []) {
    if (!targets.includes(target as Target)) {
      problems.push(`unknown target: ${JSON.stringify(target)} (known: ${targets.join(", ")})`);
    }
  }
  return {
    config: {
      rules,
      targets: chosen === undefined ? defaultConfig.targets : targets.filter((target) => chosen.includes(target)),
    },
    problems,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
