/** Workspace folders that are layers, or have layers directly in them: shown without being asked for. */
import * as vscode from "vscode";
import { documentKindOf } from "../server/documentSelector.ts";

/** Folders looked into, for each workspace folder. */
const maxFolders = 100;
/** An `info` is small; what is larger is something else. */
const maxInfoBytes = 4 << 20;

/** A workspace folder to show. */
export interface WorkspaceLayers {
  /** Path of the folder. */
  readonly location: string;
  /** Name of the folder in the workspace. */
  readonly label: string;
}

/** Local workspace folders with an `info` of a layer in them or in one of their folders. */
export async function findWorkspaceLayers(): Promise<readonly WorkspaceLayers[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const found = await Promise.all(
    folders.map(async ({ uri }) => (await holdsLayer(uri)) || (await anyChildHoldsLayer(uri))),
  );
  return folders
    .filter((_, index) => found[index] === true)
    .map(({ uri, name }) => ({ location: uri.fsPath, label: name }));
}

async function anyChildHoldsLayer(folder: vscode.Uri): Promise<boolean> {
  const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(folder)).catch(() => []);
  const names = entries
    .filter(([name, type]) => type & vscode.FileType.Directory && !name.startsWith("."))
    .slice(0, maxFolders);
  for (const [name] of names) {
    if (await holdsLayer(vscode.Uri.joinPath(folder, name))) {
      return true;
    }
  }
  return false;
}

async function holdsLayer(folder: vscode.Uri): Promise<boolean> {
  const info = vscode.Uri.joinPath(folder, "info");
  try {
    const { size, type } = await vscode.workspace.fs.stat(info);
    if (type !== vscode.FileType.File || size > maxInfoBytes) {
      return false;
    }
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(info));
    return documentKindOf(text) === "info";
  } catch {
    // No such file, or one that cannot be read: no layer that could be shown.
    return false;
  }
}
