/** The one list of rules. */
import { provenanceRules } from "./provenance.ts";
import type { Rule } from "./rule.ts";
import { schemaRule } from "./schemaCheck.ts";
import { syntaxRules } from "./syntax.ts";
import { volumeDocumentRules } from "./volumeDocument.ts";
import { volumeEncodingRules } from "./volumeEncoding.ts";
import { volumeFieldRules } from "./volumeFields.ts";
import { volumeKeyRules } from "./volumeKeys.ts";
import { volumeScaleRules } from "./volumeScales.ts";

/** Every rule, by id. */
export const rules: readonly Rule[] = [
  ...syntaxRules,
  ...volumeDocumentRules,
  ...volumeScaleRules,
  ...volumeKeyRules,
  ...volumeEncodingRules,
  ...volumeFieldRules,
  ...provenanceRules,
  schemaRule,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
