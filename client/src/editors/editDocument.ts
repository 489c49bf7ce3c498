/** Applies edits of the form to a text document: as few replaced characters as possible, one undo step. */
import * as vscode from "vscode";
import type { FieldEdit } from "../../../schemas/messages/infoEditor.ts";
import { EditRefusedError, planFieldEdits } from "./jsonEdits.ts";

export interface DocumentEdit {
  /** The version that the edits were made for. */
  readonly version: number;
  readonly edits: readonly FieldEdit[];
}

/**
 * Edits the text and gives its version after. Throws EditRefusedError: `conflict` when the document is at another version, and as
 * `planFieldEdits` does.
 */
export async function editDocument(document: vscode.TextDocument, { version, edits }: DocumentEdit): Promise<number> {
  requireVersion(document, version);
  const changes = planFieldEdits(document.getText(), edits);
  if (changes.length === 0) {
    return document.version;
  }
  const workspaceEdit = new vscode.WorkspaceEdit();
  for (const { offset, length, text } of changes) {
    const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
    workspaceEdit.replace(document.uri, range, text);
  }
  if (!(await vscode.workspace.applyEdit(workspaceEdit))) {
    throw conflict();
  }
  return document.version;
}

function requireVersion(document: vscode.TextDocument, version: number): void {
  if (document.version !== version) {
    throw conflict();
  }
}

function conflict(): EditRefusedError {
  return new EditRefusedError({ tag: "conflict", message: "the text changed in the meantime; try again" });
}
