/** The left side of a conflict: what is stored, as a document that nobody can edit. */
import * as vscode from "vscode";
import { storedTextScheme } from "../contributions.ts";

export interface StoredTexts extends vscode.Disposable {
  /** Shows what is stored on the left and the document with the user's changes on the right. */
  compare(uri: vscode.Uri, stored: string): Promise<void>;
}

/** Texts that are kept for as long as the window lives: a conflict is rare, and what somebody stored is not thrown away. */
const maxTexts = 50;

export function createStoredTexts(): StoredTexts {
  const texts = new Map<string, string>();
  let count = 0;
  const registration = vscode.workspace.registerTextDocumentContentProvider(storedTextScheme, {
    provideTextDocumentContent: (uri) => texts.get(uri.query) ?? "",
  });
  return {
    async compare(uri, stored) {
      const id = String(++count);
      texts.set(id, stored);
      for (const old of [...texts.keys()].slice(0, -maxTexts)) {
        texts.delete(old);
      }
      const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
      await vscode.commands.executeCommand(
        "vscode.diff",
        uri.with({ scheme: storedTextScheme, query: id }),
        uri,
        vscode.l10n.t("{0}: stored ↔ yours", name),
        { preview: false },
      );
    },
    dispose: () => registration.dispose(),
  };
}
