import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../client/src/api.ts";
import {
  activate,
  addedRow,
  closeEverything,
  sampleFolder,
  sampleLayer,
  sampleRow,
  serveFolder,
  until,
  type WebFolder,
} from "./support.ts";

describe("the Buckets view", () => {
  let api: ExtensionApi;
  let empty: string;
  before(async () => {
    api = await activate();
    empty = mkdtempSync(path.join(os.tmpdir(), "empty-bucket-"));
  });
  after(() => rmSync(empty, { recursive: true }));
  afterEach(async () => {
    await closeEverything();
    for (const row of await api.explorer.readRows()) {
      if (/\bremovable\b/.test(row.contextValue)) {
        await vscode.commands.executeCommand("cloudvolume.removeLocation", row.node);
      }
    }
  });

  it("shows the workspace folder with its layers, by what their info says", async () => {
    const rows = await api.explorer.readRows(await sampleRow(api));
    const layers = rows.filter(({ contextValue }) => /\bvolume\b/.test(contextValue));
    assert.ok(
      layers.some(({ description }) => /^image · uint8 · \d+×\d+×\d+ · [\d.]+×[\d.]+×[\d.]+ nm$/.test(description)),
    );
    assert.ok(layers.some(({ description }) => /^segmentation · uint64 · /.test(description)));
  });

  it("shows scales with their chunks counted, and the info, but no chunk", async () => {
    const rows = await api.explorer.readRows(await sampleLayer(api, "segmentation"));
    assert.deepEqual(
      rows.map(({ label, contextValue }) => [label, contextValue]).slice(0, 3),
      [0, 1, 2].map((mip) => [`Mip ${mip}`, "scale"]),
    );
    assert.match(rows[0]?.description ?? "", /×.* nm · compressed_segmentation · [\d,]+ chunks?$/);
    assert.ok(rows.some(({ label }) => label === "info"));
    assert.deepEqual(
      rows.filter(({ label }) => /\d+-\d+_\d+-\d+/.test(label)),
      [],
    );
  });

  it("says that an added folder is empty, and forgets it when it is removed", async () => {
    await vscode.commands.executeCommand("cloudvolume.addLocation", empty);
    const row = await addedRow(api, path.basename(empty));
    assert.deepEqual(
      (await api.explorer.readRows(row)).map(({ label }) => label),
      ["No objects here"],
    );
    await vscode.commands.executeCommand("cloudvolume.removeLocation", row.node);
    assert.ok(!(await api.explorer.readRows()).some(({ label }) => label === row.label));
  });

  it("says in the tree what is wrong with a location, and tries again on demand", async () => {
    const missing = path.join(empty, "later");
    await vscode.commands.executeCommand("cloudvolume.addLocation", `precomputed://file://${missing}/seg`);
    const row = await addedRow(api, "seg");
    const [problem] = await api.explorer.readRows(row);
    assert.match(`${problem?.label} ${problem?.description}`, /Nothing is stored here|No objects here/);
  });

  it("does not take a host that is not there for an empty folder", async () => {
    const web = await serveFolder(empty);
    web.close();
    await vscode.commands.executeCommand("cloudvolume.addLocation", `${web.url}/layer`);
    const row = await addedRow(api, "layer");
    assert.deepEqual(
      (await api.explorer.readRows(row)).map(({ label }) => label),
      ["The storage cannot be reached"],
    );
  });

  it("copies the location of a layer, and the Python that opens it", async () => {
    const layer = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.copyLocation", layer.node);
    assert.ok((await vscode.env.clipboard.readText()).endsWith(layer.location));
    await vscode.commands.executeCommand("cloudvolume.copyAsPython", layer.node);
    assert.equal(
      await vscode.env.clipboard.readText(),
      `from cloudvolume import CloudVolume\n\nvol = CloudVolume("precomputed://file://${layer.location}")\n`,
    );
  });

  it("opens the info of a local layer as a form over the file itself", async () => {
    const layer = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.openInfo", layer.node);
    const input = await until("the info editor", () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return tab instanceof vscode.TabInputCustom ? tab : undefined;
    });
    assert.equal(input.viewType, "cloudvolume.infoEditor");
    assert.equal(input.uri.toString(), vscode.Uri.file(path.join(layer.location, "info")).toString());
  });

  describe("with layers on a web server", () => {
    let web: WebFolder;
    before(async () => {
      web = await serveFolder(sampleFolder());
    });
    after(() => web.close());

    it("recognises a layer by its address, though the server lists nothing", async () => {
      const { label } = await sampleLayer(api, "image");
      await vscode.commands.executeCommand("cloudvolume.addLocation", `${web.url}/${label}`);
      const row = await addedRow(api, label);
      const rows = await api.explorer.readRows(row);
      assert.equal(rows[0]?.label, "Mip 0");
      assert.match((await addedRow(api, label)).contextValue, /\bvolume\b/);
    });

    it("opens its info as a read-only document with the stored text", async () => {
      const { label, location } = await sampleLayer(api, "image");
      const { host } = new URL(web.url);
      const uri = vscode.Uri.from({ scheme: "cloudvolume", path: `/precomputed:http/${host}/${label}/info` });
      const document = await vscode.workspace.openTextDocument(uri);
      const stored = await vscode.workspace.fs.readFile(vscode.Uri.file(path.join(location, "info")));
      assert.equal(document.getText(), new TextDecoder().decode(stored));
      assert.equal((await vscode.workspace.fs.stat(uri)).permissions, vscode.FilePermission.Readonly);
      await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(uri, new Uint8Array())));
    });

    it("tells a missing info from one that cannot be had", async () => {
      const { host } = new URL(web.url);
      const uri = vscode.Uri.from({ scheme: "cloudvolume", path: `/precomputed:http/${host}/nowhere/info` });
      await assert.rejects(Promise.resolve(vscode.workspace.fs.readFile(uri)), { code: "FileNotFound" });
    });
  });
});
