import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../client/src/api.ts";
import { activate, closeEverything, sampleFolder, sampleLayer, sampleRow, serveFolder, until } from "./support.ts";

describe("the server", () => {
  let api: ExtensionApi;
  before(async () => {
    api = await activate();
  });
  afterEach(closeEverything);

  it("says what it does", async () => {
    const { pid, version } = await api.server.readStatus();
    assert.ok(pid > 0 && pid !== process.pid);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(api.server.state, "running");
  });

  it("starts again when it is killed, and panels draw on", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    const isDrawn = (): true | undefined =>
      /[1-9]\d* tiles drawn/.test(api.panels.all[0]?.described ?? "") ? true : undefined;
    await until('a drawing (a webview that never says so is no "ready" from the view)', isDrawn);
    const { pid } = await api.server.readStatus();
    const { generation } = api.server;

    process.kill(pid, "SIGKILL");
    await until("another server", () =>
      api.server.generation > generation && api.server.state === "running" ? true : undefined,
    );
    const status = await api.server.readStatus();
    assert.notEqual(status.pid, pid);
    await until("the volume to be open again", async () =>
      (await api.server.readStatus()).openVolumes > 0 ? true : undefined,
    );

    await vscode.commands.executeCommand("cloudvolume.slices.layoutXz");
    await until("chunks to be read by the server that runs", async () =>
      (await api.server.readStatus()).chunkReads > 0 ? true : undefined,
    );
    await until("a drawing without failures", () => {
      const text = api.panels.all[0]?.described ?? "";
      return text.startsWith("xz") && / 0 failed/.test(text) && !/loading|coarser/.test(text) && isDrawn()
        ? true
        : undefined;
    });
  });

  it("answers what was asked while it was starting again", async () => {
    const { pid } = await api.server.readStatus();
    process.kill(pid, "SIGKILL");
    await until("the loss to be noticed", () => (api.server.state === "running" ? undefined : true));
    const rows = await api.explorer.readRows(await sampleRow(api));
    assert.ok(rows.length > 0);
    assert.notEqual((await api.server.readStatus()).pid, pid);
  });

  it("is given up when it stops too often, and comes back when it is asked for", async () => {
    for (let stops = 0; api.server.state !== "failed" && stops < 8; stops++) {
      const { generation } = api.server;
      process.kill((await api.server.readStatus()).pid, "SIGKILL");
      await until("the next start, or none", () =>
        api.server.state === "failed" || (api.server.generation > generation && api.server.state === "running")
          ? true
          : undefined,
      );
    }
    assert.equal(api.server.state, "failed");
    await vscode.commands.executeCommand("cloudvolume.refresh");
    const messages = await api.explorer.readRows(await sampleRow(api));
    assert.deepEqual(
      messages.map(({ label }) => label),
      ["The server does not run", "Show Log"],
    );

    await vscode.commands.executeCommand("cloudvolume.restartServer");
    assert.ok((await api.server.readStatus()).pid > 0);
    assert.equal(api.server.state, "running");
    const rows = await api.explorer.readRows(await sampleRow(api));
    assert.ok(rows.some(({ contextValue }) => /\bvolume\b/.test(contextValue)));
  }).timeout(60_000);

  it("stops reading chunks for a panel that is closed while it loads", async () => {
    const web = await serveFolder(sampleFolder());
    try {
      const { label } = await sampleLayer(api, "image");
      web.holdsChunks = true;
      await vscode.commands.executeCommand("cloudvolume.previewSlices", `${web.url}/${label}`);
      await until("chunks to be asked for", () => (web.waiting.size > 0 ? true : undefined));
      assert.ok((await api.server.readStatus()).activeReads > 0);

      await closeEverything();
      await until("the requests to be given up", () => (web.waiting.size === 0 ? true : undefined), 5_000);
      await until(
        "no reads",
        async () => ((await api.server.readStatus()).activeReads === 0 ? true : undefined),
        5_000,
      );
      const { chunkReads } = await api.server.readStatus();
      assert.equal((await api.server.readStatus()).chunkReads, chunkReads);
    } finally {
      web.close();
    }
  });
});
