/** Real tissue: the slice panel shows, at each point, the colour of the segment that the engine itself reads there. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { outPath, repository } from "../paths.mjs";
import { colorAt, readPixels } from "../pixels.mjs";
import { drawnSlices, panelOf, pressIn, readoutAt, waitUntilDrawn } from "../slicePanel.mjs";
import { treeRow } from "../workbench.mjs";

/** @typedef {import("../runUiTests.mjs").Session} Session */

const volumeFolder = path.resolve(repository, "../shared/data/test_seg_unsharded");

/** @type {import("../runUiTests.mjs").Journey} */
export const journey = {
  title: "real segmentation",
  ...(existsSync(volumeFolder) ? {} : { leftOut: `no reference data at ${path.basename(volumeFolder)}` }),
  steps: [
    ["a folder added by its path is a root of the tree, and a click shows its slices", addRoot],
    ["the pixels of the three planes are the colours of the engine's own voxels", comparePixels],
  ],
};

/** @param {Session} session */
async function addRoot({ page, screenshot }) {
  await page
    .getByRole("tab", { name: /^CloudVolume/ })
    .first()
    .click();
  await treeRow(page, "sample").waitFor();
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input").first();
  await input.fill(">CloudVolume: Add Bucket or Location");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Add Bucket or Location" }).first().click();
  await page.locator(".quick-input-widget input").first().fill(volumeFolder);
  await page.keyboard.press("Enter");
  const row = treeRow(page, /test_seg_unsharded.*segmentation/);
  await row.waitFor();
  await row.click();
  await drawnSlices(page, "test_seg_unsharded");
  await screenshot("1-opened");
}

/** @param {Session} session */
async function comparePixels({ page, screenshot }) {
  const { createEngine } = await import(outPath("server/index.js"));
  const { segmentColor } = await import(await bundleSegmentColor());
  const engine = createEngine({ workers: 1 });
  try {
    const volume = await engine.openVolume(volumeFolder);
    const frame = await drawnSlices(page, "test_seg_unsharded");
    await pressIn(page, panelOf(frame, "xy"), ["4", "Home", "+", "+", "+", "+", "+", "+", "["]);
    await frame.locator(".status-view", { hasText: /mip 0 ·/ }).waitFor();
    await waitUntilDrawn(frame);
    await screenshot("2-three-planes");
    for (const plane of /** @type {const} */ (["xy", "xz", "yz"])) {
      const panel = panelOf(frame, plane);
      await page.mouse.move(5, 5);
      const picture = await readPixels(page, panel);
      let compared = 0;
      for (const [u, v] of gridOfPoints(picture).filter(([u, v]) => isUniform(picture, u, v))) {
        const { position, values } = await readoutAt(page, frame, panel, u, v);
        const label = await readVoxel(volume, position);
        assert.ok(values.includes(String(label)), `${plane} at ${position}: shown ${values}, engine ${label}`);
        if (label !== 0n) {
          const shown = colorAt(picture, u, v);
          const expected = segmentColor(label);
          const distance = Math.max(...shown.map((value, index) => Math.abs(value - expected[index])));
          assert.ok(distance <= 3, `${plane} at ${position}: colour ${shown}, expected ${expected} for ${label}`);
          compared++;
        }
      }
      assert.ok(compared >= 5, `${plane}: only ${compared} points could be compared`);
    }
  } finally {
    await engine.dispose();
  }
}

/**
 * Points well inside a panel, away from its title, scale bar and cross hair.
 * @param {import("../pixels.mjs").Picture} picture
 * @returns {readonly [number, number][]}
 */
function gridOfPoints({ width, height }) {
  const parts = [0.21, 0.34, 0.42, 0.58, 0.66, 0.79];
  return parts.flatMap((down) =>
    parts.map((across) => /** @type {[number, number]} */ ([Math.round(width * across), Math.round(height * down)])),
  );
}

/**
 * Do the pixels around have the same colour? At the edge of a segment one pixel more or less decides.
 * @param {import("../pixels.mjs").Picture} picture
 * @param {number} u
 * @param {number} v
 */
function isUniform(picture, u, v) {
  const [red, green, blue] = colorAt(picture, u, v);
  return [-2, 0, 2].every((dy) =>
    [-2, 0, 2].every((dx) => {
      const [r, g, b] = colorAt(picture, u + dx, v + dy);
      return Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 6;
    }),
  );
}

/**
 * @param {{ download: (box: unknown, options: unknown) => Promise<{ data: ArrayLike<bigint | number> }> }} volume
 * @param {readonly [number, number, number]} position
 */
async function readVoxel(volume, [x, y, z]) {
  const { data } = await volume.download({ min: [x, y, z], max: [x + 1, y + 1, z + 1] }, { mip: 0 });
  return BigInt(data[0] ?? -1);
}

/** The colour hash of the views, bundled for Node: the test compares with it, not with a copy. */
async function bundleSegmentColor() {
  const { build } = await import("esbuild");
  const outfile = outPath("ui/segmentColor.mjs");
  const source = path.join(repository, "webview/src/render/segmentColor.ts");
  await build({ entryPoints: [source], outfile, bundle: true, format: "esm", logLevel: "warning" });
  return outfile;
}
