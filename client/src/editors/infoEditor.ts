/** The form of a volume's `info`: a custom editor over the text document, so that undo, save and hot exit are VS Code's own. */
import * as vscode from "vscode";
import type { ClientContext } from "../context.ts";
import { customEditors } from "../contributions.ts";
import { renderShell, webviewOptions } from "../panels/html.ts";
import { openInfoSession } from "./infoSession.ts";

/** Registers the editor ("Reopen with …"; opened by the command that shows a layer's info). */
export function registerInfoEditor(context: ClientContext): vscode.Disposable {
  const provider: vscode.CustomTextEditorProvider = {
    async resolveCustomTextEditor(document, panel) {
      const { extensionUri } = context;
      panel.webview.options = webviewOptions(extensionUri);
      const session = openInfoSession({
        context,
        document,
        webview: panel.webview,
        isReadOnly: await isReadOnly(document.uri),
        load: () => {
          panel.webview.html = renderShell({
            webview: panel.webview,
            extensionUri,
            script: "metadata",
            title: vscode.l10n.t("Volume info"),
          });
        },
      });
      panel.onDidDispose(() => session.dispose());
    },
  };
  return vscode.window.registerCustomEditorProvider(customEditors.info, provider, {
    supportsMultipleEditorsPerDocument: true,
  });
}

/** Can this document not be saved where it is? */
async function isReadOnly(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === "untitled") {
    return false;
  }
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) {
    return true;
  }
  try {
    const { permissions } = await vscode.workspace.fs.stat(uri);
    return ((permissions ?? 0) & vscode.FilePermission.Readonly) !== 0;
  } catch {
    // A file that was never saved, or is gone: saving will tell.
    return false;
  }
}
