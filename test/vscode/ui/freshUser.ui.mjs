/** A person who has just run `npm start`: finds the sample in the tree, looks at its slices, opens its metadata. */
import assert from "node:assert/strict";
import path from "node:path";
import { outPath } from "../paths.mjs";
import { colorAt, countColors, readPixels } from "../pixels.mjs";
import { changedText, drawnSlices, panelOf, pressIn, readoutAt, waitUntilDrawn } from "../slicePanel.mjs";
import { treeRow } from "../workbench.mjs";

/** @typedef {import("../runUiTests.mjs").Session} Session */

/** @type {import("../runUiTests.mjs").Journey} */
export const journey = {
  title: "a fresh user",
  steps: [
    ["the Buckets tree shows the sample and its layers", showTree],
    ["a click on the image shows its slices", showImage],
    [
      "a click on the segmentation shows it over the image; a segment is picked with its exact 64-bit id",
      showSegmentation,
    ],
    ["keys step, zoom and change the layout", moveAround],
    ["dragging moves the view", dragView],
    ["nothing outside this machine was asked for", staysHome],
  ],
};

/** @param {Session} session */
async function showTree({ page, screenshot }) {
  await page
    .getByRole("tab", { name: /^CloudVolume/ })
    .first()
    .click();
  await treeRow(page, "sample").waitFor();
  await expandSample(page);
  await treeRow(page, /^image/).waitFor();
  await treeRow(page, /^segmentation/).waitFor();
  await screenshot("1-tree");
}

/** @param {import("../workbench.mjs").Page} page */
async function expandSample(page) {
  const row = treeRow(page, "sample");
  if ((await row.getAttribute("aria-expanded")) !== "true") {
    await row.locator(".monaco-tl-twistie").click();
  }
}

/** @param {Session} session */
async function showImage({ page, screenshot }) {
  await treeRow(page, /^image/).click();
  const frame = await drawnSlices(page, "image");
  await screenshot("2-image");
  const picture = await readPixels(page, panelOf(frame, "xy"));
  assert.ok(countColors(picture) > 60, `the image is empty: ${countColors(picture)} colours`);
}

/** @param {Session} session */
async function showSegmentation({ page, workspace, screenshot }) {
  await treeRow(page, /^segmentation/).click();
  const frame = await drawnSlices(page, "segmentation");
  await screenshot("3-segmentation");
  const panel = panelOf(frame, "xy");
  const picture = await readPixels(page, panel);
  assert.ok(countColors(picture) > 60, `the segmentation is empty: ${countColors(picture)} colours`);
  const isColored = [0.3, 0.4, 0.5, 0.6, 0.7].some((part) => {
    const [red, green, blue] = colorAt(picture, picture.width * part, picture.height * part);
    return Math.max(red, green, blue) - Math.min(red, green, blue) > 20;
  });
  assert.ok(isColored, "no colour of a segment in the middle of the view");
  const { position, values } = await readoutAt(page, frame, panel, picture.width * 0.45, picture.height * 0.55);
  const label = await readVoxel(path.join(workspace, "segmentation"), position);
  assert.ok(label > 2n ** 53n, `no id above 2^53 at ${position}: ${label}`);
  assert.ok(values.includes(label.toString()), `at ${position} the status line says ${values}, the engine ${label}`);
  await panel.click({ position: { x: picture.width * 0.45, y: picture.height * 0.55 } });
  const picked = frame.locator('.segment[aria-pressed="true"] .segment-id');
  await picked.waitFor();
  assert.equal(await picked.textContent(), label.toString());
}

/**
 * The value that the engine itself reads.
 * @param {string} location
 * @param {readonly [number, number, number]} position
 * @returns {Promise<bigint>}
 */
async function readVoxel(location, [x, y, z]) {
  const { createEngine } = await import(outPath("server/index.js"));
  const engine = createEngine({ workers: 1 });
  try {
    const volume = await engine.openVolume(location);
    const { data } = await volume.download({ min: [x, y, z], max: [x + 1, y + 1, z + 1] });
    return BigInt(data[0]);
  } finally {
    await engine.dispose();
  }
}

/** @param {Session} session */
async function moveAround({ page, screenshot }) {
  const frame = await drawnSlices(page, "segmentation");
  const panel = panelOf(frame, "xy");
  const slice = '.panel[data-plane="xy"] .panel-slice';
  const before = await frame.locator(slice).textContent();
  await pressIn(page, panel, ["PageDown", "PageDown"]);
  await changedText(frame, slice, before);
  await waitUntilDrawn(frame);
  const zoom = await frame.locator(".scale-bar-length").first().textContent();
  await pressIn(page, panel, ["+", "+", "+", "+"]);
  await changedText(frame, ".scale-bar-length", zoom);
  await pressIn(page, panel, ["4"]);
  await panelOf(frame, "xz").waitFor({ state: "visible" });
  await panelOf(frame, "yz").waitFor({ state: "visible" });
  await waitUntilDrawn(frame);
  await screenshot("4-zoomed");
}

/** @param {Session} session */
async function dragView({ page }) {
  const frame = await drawnSlices(page, "segmentation");
  const panel = panelOf(frame, "xy");
  const box = await panel.boundingBox();
  assert.ok(box);
  const middle = /** @type {const} */ ([box.width / 2, box.height / 2]);
  const before = await readoutAt(page, frame, panel, ...middle);
  await page.mouse.move(box.x + middle[0], box.y + middle[1]);
  await page.mouse.down();
  await page.mouse.move(box.x + middle[0] - 60, box.y + middle[1] - 40, { steps: 4 });
  await page.mouse.up();
  await waitUntilDrawn(frame);
  const after = await readoutAt(page, frame, panel, ...middle);
  assert.ok(after.position[0] > before.position[0], `x went from ${before.position} to ${after.position}`);
  assert.ok(after.position[1] > before.position[1], `y went from ${before.position} to ${after.position}`);
}

/** @param {Session} session */
async function staysHome({ outsideHosts }) {
  assert.deepEqual([...outsideHosts], []);
}
