import assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";
import type { ExtensionApi, PanelView } from "../../../client/src/api.ts";
import { activate, closeEverything, sampleLayer, sliceTabs, until } from "./support.ts";

/** The view once it has drawn everything that it wants. */
function drawn(
  api: ExtensionApi,
  matches: (text: string) => boolean = () => true,
): Promise<PanelView & { described: string }> {
  return until(
    'a finished drawing (a webview that never says so is no "ready" from the view)',
    () => {
      const panel = api.panels.all.find(({ isActive }) => isActive);
      const text = panel?.described;
      const isFinished = text !== undefined && /[1-9]\d* tiles drawn/.test(text) && !/loading|coarser/.test(text);
      return panel !== undefined && isFinished && matches(text) ? { ...panel, described: text } : undefined;
    },
    25_000,
  );
}

describe("the slice panel", () => {
  let api: ExtensionApi;
  before(async () => {
    api = await activate();
  });
  afterEach(closeEverything);

  it("draws an image, with nothing missing and nothing failed", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    const { title, described } = await drawn(api);
    assert.equal(title, `Slices: ${image.label}`);
    assert.match(described, /slice \d+ of \d+/);
    assert.match(described, / 0 missing, 0 failed/);
  });

  it("puts the image that covers the same space under a segmentation", async () => {
    const segmentation = await sampleLayer(api, "segmentation");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", segmentation.node);
    const { locations, title } = await drawn(api, (text) => text.includes("2 layers"));
    assert.equal(locations.length, 2);
    assert.equal(path.basename(locations[1] ?? ""), segmentation.label);
    assert.equal(title, `Slices: ${segmentation.label}`);
  });

  it("has one panel for a location, however often it is asked for", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.location);
    await drawn(api);
    assert.equal(api.panels.all.length, 1);
    assert.equal(sliceTabs().length, 1);
  });

  it("does what commands of the palette say", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    await drawn(api);
    await vscode.commands.executeCommand("cloudvolume.slices.layoutXy");
    const before = await drawn(api, (text) => /^xy slice \d+ of/.test(text) && !text.includes("xz"));
    await vscode.commands.executeCommand("cloudvolume.slices.nextSlice");
    const after = await drawn(api, (text) => text !== before.described);
    const sliceOf = (text: string): number => Number(/slice (\d+)/.exec(text)?.[1]);
    assert.equal(sliceOf(after.described), sliceOf(before.described) + 1);
  });

  it("shows a location that holds nothing as a layer with its problem", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", `${image.location}-that-is-not-there`);
    const problem = await until("the problem", () => Object.entries(api.panels.all[0]?.problems ?? {})[0]);
    assert.equal(problem[0], `${image.location}-that-is-not-there`);
    assert.match(problem[1], /\binfo\b/);
  });

  it("closes its volumes with the panel", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    await drawn(api);
    assert.ok((await api.server.readStatus()).openVolumes > 0);
    await closeEverything();
    await until("no open volumes", async () => ((await api.server.readStatus()).openVolumes === 0 ? true : undefined));
    assert.deepEqual(api.panels.all, []);
  });

  it("draws again after it was hidden", async () => {
    const image = await sampleLayer(api, "image");
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    const before = await drawn(api);
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path.join(image.location, "info")));
    await until("a hidden panel", () => (api.panels.all.every(({ isActive }) => !isActive) ? true : undefined));
    await vscode.commands.executeCommand("cloudvolume.previewSlices", image.node);
    assert.equal((await drawn(api)).described, before.described);
  });
});
