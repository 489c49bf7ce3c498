/**
 * Metadata documents in an editor: diagnostics as they are typed, hovers, completion, quick fixes and an outline. Which documents
 * are ours is told by their content; the others are left alone.
 */
import { existsSync } from "node:fs";
import type {
  Connection,
  Diagnostic,
  DidChangeConfigurationParams,
  ServerCapabilities,
  TextDocuments,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { defaultConfig, type LintConfig, parseLintConfig } from "../lint/config.ts";
import { codeActionKinds, codeActionsFor } from "./codeActions.ts";
import { completionsAt } from "./completion.ts";
import { toDiagnostic } from "./diagnostics.ts";
import { createDocumentCache, type DocumentCache } from "./documentCache.ts";
import { symbolsOf } from "./documentSymbols.ts";
import { hoverAt } from "./hover.ts";

export interface DocumentFeatureOptions {
  /** Pause in typing after which a document is checked. Default: 150. */
  readonly debounceMs?: number;
  /** Page with one section for each rule, to which diagnostics link. Default: the page that ships with the server. */
  readonly rulesPage?: string;
}

export interface DocumentFeatures {
  /** What to announce; reads `rules` and `targets` of the client's initialization options. Call it at `initialize`. */
  capabilities(initializationOptions: unknown): ServerCapabilities;
  /** Forgets pending checks. */
  dispose(): void;
}

/** Registers all handlers on documents. They answer wrong requests with nothing, and never throw. */
export function registerDocumentFeatures(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  options: DocumentFeatureOptions = {},
): DocumentFeatures {
  let config: LintConfig = defaultConfig;
  const cache = createDocumentCache(() => config);
  const publisher = createPublisher(connection, documents, cache, options);

  function configure(settings: unknown): void {
    const parsed = parseLintConfig(settings);
    config = parsed.config;
    for (const problem of parsed.problems) {
      connection.console.warn(problem);
    }
    cache.clear();
  }

  documents.onDidChangeContent(({ document }) => publisher.schedule(document));
  documents.onDidClose(({ document }) => {
    cache.forget(document.uri);
    publisher.forget(document.uri);
  });
  connection.onDidChangeConfiguration(
    guarded(connection, undefined, (params: DidChangeConfigurationParams) => {
      const settings = lintSettingsOf(params.settings);
      if (settings !== undefined) {
        configure(settings);
        documents.all().forEach(publisher.schedule);
      }
    }),
  );
  registerRequests(connection, documents, cache);
  return {
    capabilities(initializationOptions) {
      configure(initializationOptions);
      return {
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['"', ":"] },
        codeActionProvider: { codeActionKinds: [...codeActionKinds] },
        documentSymbolProvider: true,
      };
    },
    dispose: () => publisher.dispose(),
  };
}

function registerRequests(connection: Connection, documents: TextDocuments<TextDocument>, cache: DocumentCache): void {
  const find = (params: { readonly textDocument: { readonly uri: string } }) => {
    const document = documents.get(params.textDocument.uri);
    const result = document && cache.lint(document);
    return document === undefined || result?.kind === undefined ? undefined : { document, result, kind: result.kind };
  };
  connection.onHover(
    guarded(connection, null, (params) => {
      const found = find(params);
      return found === undefined ? null : (hoverAt(found, params.position) ?? null);
    }),
  );
  connection.onCompletion(
    guarded(connection, null, (params) => {
      const found = find(params);
      return found === undefined ? null : completionsAt(found, params.position);
    }),
  );
  connection.onCodeAction(
    guarded(connection, null, (params) => {
      const found = find(params);
      return found === undefined ? null : codeActionsFor(found, params);
    }),
  );
  connection.onDocumentSymbol(
    guarded(connection, null, (params) => {
      const found = find(params);
      return found === undefined ? null : symbolsOf(found);
    }),
  );
}

/** A handler that answers with `fallback` where it would throw: a client's mistake must not look like a crash. */
function guarded<P, R>(connection: Connection, fallback: R, handle: (params: P) => R): (params: P) => R {
  return (params) => {
    try {
      return handle(params);
    } catch (error) {
      connection.console.error(`document request failed: ${error instanceof Error ? error.message : String(error)}`);
      return fallback;
    }
  };
}

/** The linter's part of the settings that a client pushes, under `cloudvolume.lint`, or `cloudvolume` itself. */
function lintSettingsOf(settings: unknown): unknown {
  const section = fieldOf(settings, "cloudvolume");
  return fieldOf(section, "lint") ?? section;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

interface Publisher {
  schedule(document: TextDocument): void;
  forget(uri: string): void;
  dispose(): void;
}

const defaultDebounceMs = 150;

/** Pushes diagnostics: at once for a document that was opened, after a pause for one that changes; the latest version wins. */
function createPublisher(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  cache: DocumentCache,
  { debounceMs = defaultDebounceMs, rulesPage = shippedRulesPage() }: DocumentFeatureOptions,
): Publisher {
  const timers = new Map<string, NodeJS.Timeout>();
  const published = new Set<string>();

  function send(uri: string, diagnostics: Diagnostic[], version?: number): void {
    connection
      .sendDiagnostics({ uri, diagnostics, ...(version !== undefined && { version }) })
      // It fails only when the client has left: nobody is there to be told.
      .catch(() => undefined);
  }

  const publish = guarded(connection, undefined, (uri: string): undefined => {
    timers.delete(uri);
    const document = documents.get(uri);
    if (document !== undefined) {
      published.add(uri);
      const { findings } = cache.lint(document);
      send(
        uri,
        findings.map((finding) => toDiagnostic(document, finding, rulesPage)),
        document.version,
      );
    }
  });

  return {
    schedule({ uri }) {
      clearTimeout(timers.get(uri));
      timers.set(
        uri,
        setTimeout(() => publish(uri), published.has(uri) ? debounceMs : 0),
      );
    },
    forget(uri) {
      clearTimeout(timers.get(uri));
      timers.delete(uri);
      if (published.delete(uri)) {
        send(uri, []);
      }
    },
    dispose() {
      timers.forEach(clearTimeout);
      timers.clear();
    },
  };
}

/** The page of the rules beside the bundle or the source, if it is there. */
function shippedRulesPage(): string | undefined {
  const candidates = ["../../docs/rules.md", "../../../docs/rules.md"];
  return candidates
    .map((path) => new URL(path, import.meta.url))
    .find((url) => url.protocol === "file:" && existsSync(url))?.href;
}
