/** Locations as VS Code resources: local ones are `file:`, all others are documents of the read-only file system. */
import * as vscode from "vscode";
import { fileSystemScheme } from "../contributions.ts";
import { documentPathOf, lastPartOf, localPathOf, locationOfDocumentPath, parentOf } from "./locationText.ts";

/** The resource of a file or folder. */
export function uriOfLocation(location: string): vscode.Uri {
  const local = localPathOf(location);
  if (local !== undefined) {
    return vscode.Uri.file(local);
  }
  return vscode.Uri.from({
    scheme: fileSystemScheme,
    path: documentPathOf(parentOf(location) ?? location, lastPartOf(location)),
  });
}

/** The `info` of a layer. */
export function infoUriOf(location: string): vscode.Uri {
  const local = localPathOf(location);
  return local === undefined
    ? vscode.Uri.from({ scheme: fileSystemScheme, path: documentPathOf(location, "info") })
    : vscode.Uri.joinPath(vscode.Uri.file(local), "info");
}

/** The location of the layer whose `info` (or other document) `uri` is; undefined for a document that lies nowhere the server could read. */
export function layerLocationOf(uri: vscode.Uri): string | undefined {
  if (uri.scheme === "file") {
    return vscode.Uri.joinPath(uri, "..").fsPath;
  }
  return uri.scheme === fileSystemScheme ? locationOfDocumentPath(uri.path)?.folder : undefined;
}
