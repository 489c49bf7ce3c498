/** One row for each way to break a rule: what is reported, where, and what each fix makes of it. */
import type { Severity } from "../../../../server/src/lint/rule.ts";

export interface Case {
  readonly rule: string;
  readonly title: string;
  readonly text: string;
  /** Text of the reported range. */
  readonly at: string;
  readonly pointer: string;
  readonly severity: Severity;
  /** Per fix, a part of the text that it makes. */
  readonly fixes?: readonly string[];
}
