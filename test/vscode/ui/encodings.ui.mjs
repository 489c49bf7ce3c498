/** A person whose pipeline writes other encodings than the sample's: each opens from the tree and shows its slices and exact values. */
import assert from "node:assert/strict";
import path from "node:path";
import { outPath } from "../paths.mjs";
import { countColors, readPixels } from "../pixels.mjs";
import { drawnSlices, panelOf, readoutAt } from "../slicePanel.mjs";
import { treeRow } from "../workbench.mjs";

/** @typedef {import("../runUiTests.mjs").Session} Session */

/** Layers that are made from the sample, a part of 256 x 256 x 16 voxels of its first mip. */
const layers = [
  { name: "image_jxl", from: "image", dtype: "uint8", encoding: "jxl", parameters: { jxl_quality: 90, jxl_effort: 3 } },
  { name: "image_fpzip", from: "image", dtype: "float32", encoding: "fpzip" },
  { name: "image_zfpc", from: "image", dtype: "float32", encoding: "zfpc", parameters: { zfpc_tolerance: 0.5 } },
  { name: "segmentation_compresso", from: "segmentation", dtype: "uint64", encoding: "compresso" },
  { name: "segmentation_crackle", from: "segmentation", dtype: "uint64", encoding: "crackle" },
];
const size = /** @type {const} */ ([256, 256, 16]);

/** @type {import("../runUiTests.mjs").Journey} */
export const journey = {
  title: "every encoding",
  steps: [
    ["layers of other encodings are in the tree", writeLayers],
    ...layers.map(
      (layer) =>
        /** @type {const} */ ([
          `a click on ${layer.name} shows its slices`,
          (/** @type {Session} */ session) => showLayer(session, layer),
        ]),
    ),
  ],
};

/** @param {Session} session */
async function writeLayers({ page, workspace, screenshot }) {
  const { createEngine } = await import(outPath("server/index.js"));
  const engine = createEngine({ workers: 2 });
  try {
    for (const { name, from, dtype, encoding, parameters } of layers) {
      const source = await engine.openVolume(path.join(workspace, from));
      const { data } = await source.download({ min: [0, 0, 0], max: size });
      const info = {
        type: source.layerType,
        data_type: dtype,
        num_channels: 1,
        scales: [
          {
            key: "8_8_40",
            size,
            voxel_offset: [0, 0, 0],
            resolution: [8, 8, 40],
            chunk_sizes: [[64, 64, 16]],
            encoding,
            ...parameters,
          },
        ],
      };
      const volume = await engine.createVolume(path.join(workspace, name), info);
      await volume.upload(volume.bounds(), { data: dtype === "float32" ? Float32Array.from(data) : data });
    }
  } finally {
    await engine.dispose();
  }
  await page
    .getByRole("tab", { name: /^CloudVolume/ })
    .first()
    .click();
  const sample = treeRow(page, "sample");
  await sample.waitFor();
  if ((await sample.getAttribute("aria-expanded")) !== "true") {
    await sample.locator(".monaco-tl-twistie").click();
  }
  await page
    .getByRole("button", { name: /^Refresh/ })
    .first()
    .click();
  await treeRow(page, /^segmentation_crackle/).waitFor();
  await screenshot("1-tree");
}

/**
 * @param {Session} session
 * @param {typeof layers[number]} layer
 */
async function showLayer({ page, workspace, screenshot }, { name }) {
  await treeRow(page, new RegExp(`^${name}`)).click();
  const frame = await drawnSlices(page, name);
  await screenshot(name);
  const panel = panelOf(frame, "xy");
  const picture = await readPixels(page, panel);
  assert.ok(countColors(picture) > 30, `nothing is drawn: ${countColors(picture)} colours`);
  const { position, values } = await readoutAt(page, frame, panel, picture.width * 0.5, picture.height * 0.5);
  const expected = await readVoxel(path.join(workspace, name), position);
  assert.ok(values.includes(expected), `at ${position} the status line says ${values}, the engine ${expected}`);
}

/**
 * The value that the engine itself reads, as the status line writes it.
 * @param {string} location
 * @param {readonly [number, number, number]} position
 */
async function readVoxel(location, [x, y, z]) {
  const { createEngine } = await import(outPath("server/index.js"));
  const engine = createEngine({ workers: 1 });
  try {
    const volume = await engine.openVolume(location);
    const { data } = await volume.download({ min: [x, y, z], max: [x + 1, y + 1, z + 1] });
    return String(data[0]);
  } finally {
    await engine.dispose();
  }
}
