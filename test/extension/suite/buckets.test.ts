/** Changing what is stored: nothing without permission, saves over what was read, conflicts that lose nothing; filters. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../client/src/api.ts";
import type { BranchNode } from "../../../client/src/explorer/explorerNode.ts";
import { activate, addedRow, closeEverything, until } from "./support.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Runs a command that asks with a list, and takes its first entry. */
async function chooseFirst(command: string, target: unknown): Promise<void> {
  let isDone = false;
  const running = Promise.resolve(vscode.commands.executeCommand(command, target)).finally(() => {
    isDone = true;
  });
  await until("the choice is made", async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    return isDone ? true : undefined;
  });
  await running;
}

describe("documents of a store", () => {
  // Two names of one object: VS Code takes them for two documents, as if two people had it open.
  const mine = vscode.Uri.from({ scheme: "cloudvolume", path: "/mem/bucket/layer/info" });
  const theirs = mine.with({ path: "/precomputed:mem/bucket/layer/info" });

  before(() => activate());
  after(closeEverything);

  it("are read-only until changes are allowed", async () => {
    await assert.rejects(
      Promise.resolve(vscode.workspace.fs.writeFile(mine, encode("{}"))),
      /NoPermissions|read-only/i,
    );
    await chooseFirst("cloudvolume.allowChanges", mine);
    await vscode.workspace.fs.writeFile(mine, encode("one"));
    assert.equal(decode(await vscode.workspace.fs.readFile(theirs)), "one");
    assert.equal((await vscode.workspace.fs.stat(mine)).permissions, undefined);
  });

  it("are saved over what the editor started from", async () => {
    const document = await vscode.workspace.openTextDocument(mine);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.replace(new vscode.Range(0, 0, 0, 3), "two"));
    assert.equal(await document.save(), true);
    await until("the text is stored", async () => {
      const stored = decode(await vscode.workspace.fs.readFile(theirs));
      return stored === "two" ? true : undefined;
    });
  });

  it("show both sides of a conflict and lose none", async () => {
    const document = await vscode.workspace.openTextDocument(mine);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "my "));
    await vscode.workspace.fs.writeFile(theirs, encode("somebody else's"));
    await Promise.resolve(document.save()).catch(() => false);
    const diff = await until("the comparison", () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff ? input : undefined;
    });
    assert.equal(diff.modified.toString(), mine.toString());
    const left = await vscode.workspace.openTextDocument(diff.original);
    assert.equal(left.getText(), "somebody else's");
    assert.equal(document.getText(), "my two");
    assert.equal(document.isDirty, true);
    assert.equal(decode(await vscode.workspace.fs.readFile(theirs)), "somebody else's");
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("are read-only again when the permission is taken back", async () => {
    await vscode.commands.executeCommand("cloudvolume.makeReadOnly", mine);
    assert.equal((await vscode.workspace.fs.stat(theirs)).permissions, vscode.FilePermission.Readonly);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(theirs, encode("late"))));
  });
});

describe("a long folder", () => {
  let api: ExtensionApi;
  let folder: string;
  before(async () => {
    api = await activate();
    folder = mkdtempSync(path.join(os.tmpdir(), "long-bucket-"));
    mkdirSync(path.join(folder, "segments"));
    for (let i = 0; i < 250; i++) {
      writeFileSync(path.join(folder, `object ${String(i).padStart(3, "0")}`), "");
    }
  });
  after(async () => {
    const row = await addedRow(api, path.basename(folder));
    await vscode.commands.executeCommand("cloudvolume.removeLocation", row.node);
    rmSync(folder, { recursive: true });
  });

  it("is shown page by page, and a filter finds what is on no page yet", async () => {
    await vscode.commands.executeCommand("cloudvolume.addLocation", folder);
    const row = await addedRow(api, path.basename(folder));
    const labels = async (): Promise<readonly string[]> => (await api.explorer.readRows(row)).map(({ label }) => label);
    assert.equal((await labels()).length, 201);
    // The extension is bundled: its classes are others than these, with the same members.
    const node = row.node as BranchNode;
    node.setFilter("seg");
    assert.deepEqual(await labels(), ["segments"]);
    const filtered = await addedRow(api, path.basename(folder));
    assert.match(filtered.description, /^filter: seg/);
    assert.match(filtered.contextValue, /\bfiltered\b/);
    node.setFilter("nothing");
    assert.deepEqual(await labels(), ['No name begins with "nothing"']);
    await vscode.commands.executeCommand("cloudvolume.clearFilter", row.node);
    assert.equal((await labels()).length, 201);
  });

  it("offers changes only where they are allowed", async () => {
    const row = await addedRow(api, path.basename(folder));
    assert.match(row.contextValue, /\blocked\b/);
    await chooseFirst("cloudvolume.allowChanges", row.node);
    assert.match((await addedRow(api, path.basename(folder))).contextValue, /\bwritable\b/);
    assert.match((await api.explorer.readRows(row))[0]?.contextValue ?? "", /\bwritable\b/);
    await vscode.commands.executeCommand("cloudvolume.makeReadOnly", row.node);
    assert.match((await addedRow(api, path.basename(folder))).contextValue, /\blocked\b/);
  });
});
