/** What the linter said of open documents, so that a hover and a quick fix need no second look. */
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LintConfig } from "../lint/config.ts";
import { type LintResult, lintDocument } from "../lint/lintDocument.ts";
import { fileNameOf } from "../lint/report.ts";
import type { DocumentKind } from "../lint/rule.ts";

/** An open document of ours, checked. */
export interface CheckedDocument {
  readonly document: TextDocument;
  readonly result: LintResult;
  readonly kind: DocumentKind;
}

export interface DocumentCache {
  /** The findings for this version of the document. */
  lint(document: TextDocument): LintResult;
  forget(uri: string): void;
  /** Forgets findings, for when the settings change; what each document was, stays known. */
  clear(): void;
}

/** One entry for each open document: the latest version. */
export function createDocumentCache(configOf: () => LintConfig): DocumentCache {
  const results = new Map<string, { readonly version: number; readonly result: LintResult }>();
  const kinds = new Map<string, DocumentKind>();
  return {
    lint(document) {
      const { uri, version } = document;
      const known = results.get(uri);
      if (known?.version === version) {
        return known.result;
      }
      const assumedKind = kinds.get(uri);
      const result = lintDocument(document.getText(), {
        fileName: fileNameOf(decodeName(uri)),
        config: configOf(),
        ...(assumedKind && { assumedKind }),
      });
      results.set(uri, { version, result });
      if (result.kind !== undefined) {
        kinds.set(uri, result.kind);
      }
      return result;
    },
    forget(uri) {
      results.delete(uri);
      kinds.delete(uri);
    },
    clear: () => results.clear(),
  };
}

function decodeName(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
