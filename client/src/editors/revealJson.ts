/** Shows the text of a document beside its form. */
import * as vscode from "vscode";
import type { JsonPath } from "../../../schemas/messages/infoEditor.ts";
import { endOf, nodeAt, parseJson } from "./jsonTree.ts";

/**
 * Opens the text editor beside, or takes the one that is there, and selects the value at `path`, or what is nearest above it; for the
 * whole document the first syntax error, if there is one.
 */
export async function revealJson(document: vscode.TextDocument, path: JsonPath): Promise<void> {
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  await vscode.window.showTextDocument(document, {
    viewColumn: visible?.viewColumn ?? vscode.ViewColumn.Beside,
    selection: rangeOf(document, path),
    preview: false,
  });
}

function rangeOf(document: vscode.TextDocument, path: JsonPath): vscode.Range {
  const { root, errors } = parseJson(document.getText());
  const [error] = path.length === 0 ? errors : [];
  if (error !== undefined) {
    return new vscode.Range(document.positionAt(error.offset), document.positionAt(error.offset + error.length));
  }
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined) {
      return new vscode.Range(document.positionAt(node.offset), document.positionAt(endOf(node)));
    }
  }
  return new vscode.Range(0, 0, 0, 0);
}
