/** The page of a webview, with this extension's files in it. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { shellHtml } from "./shellHtml.ts";

export interface ShellOptions {
  readonly webview: vscode.Webview;
  readonly extensionUri: vscode.Uri;
  /** Name of the bundle: out/webview/NAME.js and NAME.css. */
  readonly script: "slices" | "metadata";
  readonly title: string;
}

/** The HTML to set on a webview; each call has a nonce of its own, so setting it again loads the script again. */
export function renderShell({ webview, extensionUri, script, title }: ShellOptions): string {
  const file = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot(extensionUri), name)).toString();
  return shellHtml({
    nonce: randomBytes(18).toString("base64url"),
    cspSource: webview.cspSource,
    scriptUri: file(`${script}.js`),
    styleUri: file(`${script}.css`),
    codiconUri: file("codicon.css"),
    title,
    language: vscode.env.language,
  });
}

/** What a webview of ours may do and read: scripts, and the files of out/webview only. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [webviewRoot(extensionUri)] };
}

function webviewRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "out", "webview");
}
