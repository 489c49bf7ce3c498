/**
 * Watches the open documents for those of ours: gives them the language "json" when they have none, starts the server for them, and
 * sets the context key that offers the form. Recognised by content; a file is not ours because it is called `info`.
 */
import * as vscode from "vscode";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { contextKeys, fileSystemScheme } from "../contributions.ts";
import { type DocumentKind, documentKindOf } from "./documentSelector.ts";

/** Pause in typing after which the document in front is looked at again. */
const pauseMs = 300;

const schemes: readonly string[] = ["file", "untitled", fileSystemScheme];
const languages: readonly string[] = ["plaintext", "json", "jsonc"];

export function registerDocuments(ctx: ClientContext): vscode.Disposable {
  const disposables = new DisposableStore();
  const lookInFront = disposables.add(debounce(() => setContext(vscode.window.activeTextEditor?.document), pauseMs));
  const opened = (document: vscode.TextDocument): void => void look(ctx, document);
  disposables.add(vscode.workspace.onDidOpenTextDocument(opened));
  disposables.add(vscode.window.onDidChangeActiveTextEditor((editor) => setContext(editor?.document)));
  disposables.add(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document) {
        lookInFront();
      }
    }),
  );
  vscode.workspace.textDocuments.forEach(opened);
  setContext(vscode.window.activeTextEditor?.document);
  return disposables;
}

async function look(ctx: ClientContext, document: vscode.TextDocument): Promise<void> {
  if (kindOf(document) === undefined) {
    return;
  }
  if (document.languageId === "plaintext") {
    await vscode.languages.setTextDocumentLanguage(document, "json");
  }
  // A failure shows in the status bar; the text stays editable.
  await ctx.server.start().catch((error: unknown) => ctx.log.error(String(error)));
}

function setContext(document: vscode.TextDocument | undefined): void {
  const isInfo = document !== undefined && kindOf(document) === "info";
  void vscode.commands.executeCommand("setContext", contextKeys.isInfoDocument, isInfo);
}

function kindOf(document: vscode.TextDocument): DocumentKind | undefined {
  const isCandidate = schemes.includes(document.uri.scheme) && languages.includes(document.languageId);
  return isCandidate ? documentKindOf(document.getText()) : undefined;
}
