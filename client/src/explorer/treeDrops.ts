/** Dragging: local files dropped on a folder are uploaded; a row dragged into an editor leaves its location there. */
import * as vscode from "vscode";
import { withoutQuery } from "../fileSystem/locationText.ts";
import { BranchNode, type ExplorerNode, isPlaceNode } from "./explorerNode.ts";

/** Uploads local files that were dropped on a folder. */
export type DropFiles = (files: readonly string[], folder: BranchNode) => Promise<void>;

const filesType = "text/uri-list";

export function createTreeDrops(dropFiles: DropFiles): vscode.TreeDragAndDropController<ExplorerNode> {
  return {
    dropMimeTypes: [filesType],
    dragMimeTypes: ["text/plain"],
    handleDrag(nodes, transfer) {
      const locations = nodes.filter(isPlaceNode).map(({ location }) => withoutQuery(location));
      transfer.set("text/plain", new vscode.DataTransferItem(locations.join("\n")));
    },
    async handleDrop(target, transfer) {
      const folder = target instanceof BranchNode ? target : target?.parent;
      const list = await transfer.get(filesType)?.asString();
      const files = localFiles(list ?? "");
      if (folder !== undefined && files.length > 0) {
        await dropFiles(files, folder);
      }
    },
  };
}

/** Paths of the local files in a `text/uri-list`; comments and other schemes are left out. */
function localFiles(list: string): readonly string[] {
  const uris = list.split(/\r?\n/).filter((line) => line.startsWith("file:"));
  return uris.map((line) => vscode.Uri.parse(line).fsPath);
}
