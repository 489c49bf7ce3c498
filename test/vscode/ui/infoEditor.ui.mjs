/** A person who repairs metadata: form and text side by side, problems in place, quick fixes, undo, save; and a server that dies. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { findServerProcesses } from "../serverProcess.mjs";
import { treeRow, webviewFrame } from "../workbench.mjs";

/** @typedef {import("../runUiTests.mjs").Session} Session */

/** @type {import("../runUiTests.mjs").Journey} */
export const journey = {
  title: "the info editor",
  steps: [
    ['"Open Info" in the tree shows the form of the volume and its scales', openForm],
    ["a field edited in the form changes that value in the text and nothing else", editField],
    ["undo in the text comes back to the form", undoInText],
    ["broken JSON is told at its place, in the form and in Problems", breakJson],
    ["a wrong value has a quick fix in the form, and the fix mends it", applyQuickFix],
    ["the server is killed, and the editor goes on", killServer],
    ["saving writes the edited file", save],
  ],
};

/** @param {Session} session */
const infoFile = ({ workspace }) => path.join(workspace, "segmentation/info");

/** @param {Session} session */
async function openForm({ page, screenshot }) {
  await page
    .getByRole("tab", { name: /^CloudVolume/ })
    .first()
    .click();
  const sample = treeRow(page, "sample");
  await sample.waitFor();
  if ((await sample.getAttribute("aria-expanded")) !== "true") {
    await sample.locator(".monaco-tl-twistie").click();
  }
  await treeRow(page, /^segmentation/).click({ button: "right" });
  await page.locator(".monaco-menu .action-item", { hasText: "Open Info" }).first().click();
  const form = await formOf(page);
  assert.equal(await form.locator("#field-data_type").inputValue(), "uint64");
  assert.equal(await form.locator("#field-scales-0-encoding").inputValue(), "compressed_segmentation");
  assert.equal(await form.locator('[id^="field-scales-"][id$="-key"]').count(), 3);
  await screenshot("1-form");
}

/** @param {import("../workbench.mjs").Page} page */
const formOf = (page) => webviewFrame(page, "#field-data_type");

/**
 * Opens the text beside the form, unless it is open, and gives the text editor's place.
 * @param {import("../workbench.mjs").Page} page
 */
async function textEditor(page) {
  const editor = page.locator(".editor-instance .monaco-editor[role='code']").first();
  if ((await editor.count()) === 0) {
    const form = await formOf(page);
    await form.getByRole("button", { name: /JSON/ }).first().click();
    await editor.waitFor();
  }
  return editor;
}

/** @param {Session} session */
async function editField(session) {
  const { page, screenshot } = session;
  const form = await formOf(page);
  const editor = await textEditor(page);
  await form.locator("#field-mesh").fill("mesh_of_tests");
  await form.locator("#field-mesh").press("Enter");
  await editor.locator(".view-line", { hasText: '"mesh_of_tests"' }).waitFor();
  await screenshot("2-edited");
}

/** @param {Session} session */
async function undoInText({ page }) {
  const form = await formOf(page);
  const editor = await textEditor(page);
  await editor.click({ position: { x: 200, y: 60 } });
  await page.keyboard.press("Control+z");
  await editor.locator(".view-line", { hasText: '"mesh_of_tests"' }).waitFor({ state: "detached" });
  await form.waitForFunction(() => {
    const input = document.querySelector("#field-mesh");
    return input instanceof HTMLInputElement && input.value === "";
  });
}

/** @param {Session} session */
async function breakJson({ page, screenshot }) {
  const editor = await textEditor(page);
  await editor.click({ position: { x: 200, y: 60 } });
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("oops");
  await page.keyboard.press("Control+Shift+m");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: /\[Ln 1, Col 1\]/ }).first();
  await problem.waitFor();
  const form = await webviewFrame(page, ".banners");
  await form.locator(".banners", { hasText: /JSON/ }).waitFor();
  await screenshot("3-broken");
  await editor.click({ position: { x: 200, y: 60 } });
  await page.keyboard.press("Control+z");
  await problem.waitFor({ state: "detached" });
}

/** @param {Session} session */
async function applyQuickFix(session) {
  const { page, screenshot } = session;
  const text = readFileSync(infoFile(session), "utf8");
  assert.match(text, /"uint64"/);
  await replaceText(page, text.replace('"uint64"', '"uint46"'));
  const form = await webviewFrame(page, ".problem .fix");
  await screenshot("4-quick-fix");
  const fix = form.locator(".fix", { hasText: "uint64" }).first();
  await fix.click();
  await form.waitForFunction(() => {
    const select = document.querySelector("#field-data_type");
    return select instanceof HTMLSelectElement && select.value === "uint64";
  });
  await form.locator(".problem").first().waitFor({ state: "detached" });
}

/**
 * Puts a text in place of all that the text editor holds.
 * @param {import("../workbench.mjs").Page} page
 * @param {string} text
 */
async function replaceText(page, text) {
  const editor = await textEditor(page);
  await editor.click({ position: { x: 200, y: 60 } });
  await page.keyboard.press("Control+a");
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await page.keyboard.press("Control+v");
}

/** @param {Session} session */
async function killServer(session) {
  const { page, directory, screenshot } = session;
  const before = findServerProcesses(directory);
  assert.equal(before.length, 1, `language servers: ${before}`);
  process.kill(before[0] ?? 0, "SIGKILL");
  const text = readFileSync(infoFile(session), "utf8");
  await replaceText(page, text.replace('"uint64"', '"uint23"'));
  const form = await webviewFrame(page, ".problem .problem-message");
  await form.locator(".problem", { hasText: "uint23" }).first().waitFor();
  const after = findServerProcesses(directory);
  assert.equal(after.length, 1);
  assert.notDeepEqual(after, before);
  await screenshot("5-after-kill");
  await replaceText(page, text.replace(/\s*$/, "\n\n"));
  await form.locator(".problem").first().waitFor({ state: "detached" });
}

/** @param {Session} session */
async function save(session) {
  const { page } = session;
  const before = readFileSync(infoFile(session), "utf8");
  const form = await formOf(page);
  await form.locator("#field-mesh").fill("mesh");
  await form.locator("#field-mesh").press("Enter");
  await page.locator(".tab.dirty").first().waitFor();
  const editor = await textEditor(page);
  await editor.click({ position: { x: 200, y: 60 } });
  await page.keyboard.press("Control+s");
  await page.locator(".tab.dirty").first().waitFor({ state: "detached" });
  const after = JSON.parse(readFileSync(infoFile(session), "utf8"));
  assert.deepEqual(after, { ...JSON.parse(before), mesh: "mesh" });
}
