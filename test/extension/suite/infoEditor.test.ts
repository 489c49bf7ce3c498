/** The info editor in VS Code: opening, edits that change one value only, undo, and refusals. The page itself: test/webview. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { customEditors } from "../../../client/src/contributions.ts";
import { editDocument } from "../../../client/src/editors/editDocument.ts";
import { activate, until } from "./support.ts";

const text = `{
\t"type": "segmentation",
\t"data_type": "uint64",
\t"num_channels": 1,
\t"owner_id": 18446744073709551615,
\t"scales": [
\t\t{"key": "8_8_40", "size": [64, 64, 64], "resolution": [8.0, 8.0, 40.0], "voxel_offset": [0, 0, 0], "chunk_sizes": [[64, 64, 64]], "encoding": "raw"}
\t]
}
`;

describe("the info editor", () => {
  let folder: string;
  let document: vscode.TextDocument;

  before(async () => {
    await activate();
    folder = await mkdtemp(path.join(os.tmpdir(), "cloudvolume-info-"));
  });
  beforeEach(async () => {
    await writeFile(path.join(folder, "info"), text);
    const uri = vscode.Uri.file(path.join(folder, "info"));
    await vscode.commands.executeCommand("vscode.openWith", uri, customEditors.info);
    document = await vscode.workspace.openTextDocument(uri);
  });
  afterEach(async () => {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("opens over the text document", async () => {
    const tab = await until("the tab of the form", () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputCustom ? input : undefined;
    });
    assert.equal(tab.viewType, customEditors.info);
    assert.equal(tab.uri.toString(), document.uri.toString());
    assert.equal(document.getText(), text);
  });

  it("changes one value and keeps every other byte, and undo brings the text back", async () => {
    const version = await editDocument(document, {
      version: document.version,
      edits: [{ path: ["scales", 0, "size", 2], json: "9007199254740993" }],
    });
    const edited = text.replace('[64, 64, 64], "res', '[64, 64, 9007199254740993], "res');
    assert.equal(document.getText(), edited);
    assert.equal(version, document.version);
    assert.ok(document.isDirty);
    await vscode.commands.executeCommand("undo");
    assert.equal(await until("the text before", () => (document.getText() === text ? text : undefined)), text);
    await vscode.commands.executeCommand("redo");
    assert.equal(await until("the text after", () => (document.getText() === edited ? edited : undefined)), edited);
  });

  it("makes several edits one step to undo", async () => {
    await editDocument(document, {
      version: document.version,
      edits: [{ path: ["mesh"], json: '"mesh"' }, { path: ["num_channels"], json: "2" }, { path: ["owner_id"] }],
    });
    assert.equal(
      document.getText(),
      text
        .replace('\t"owner_id": 18446744073709551615,\n', "")
        .replace('channels": 1', 'channels": 2')
        .replace("\t]\n}", '\t],\n\t"mesh": "mesh"\n}'),
    );
    await vscode.commands.executeCommand("undo");
    await until("the text before", () => (document.getText() === text ? text : undefined));
  });

  it("refuses edits of another version, and leaves the text alone", async () => {
    await assert.rejects(
      editDocument(document, { version: document.version - 1, edits: [{ path: ["type"], json: '"image"' }] }),
      { name: "EditRefusedError", message: "the text changed in the meantime; try again" },
    );
    assert.equal(document.getText(), text);
  });

  it("says where the JSON is broken", async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(1, 23, 1, 24), "");
    await vscode.workspace.applyEdit(edit);
    await assert.rejects(
      editDocument(document, { version: document.version, edits: [{ path: ["mesh"], json: '"mesh"' }] }),
      { message: "fix the JSON first: expected a comma at line 3, column 2" },
    );
  });
});
