/** A person who keeps things in buckets pastes what is no location, filters, allows changes, deletes, signs in and forgets. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand, treeRow } from "../workbench.mjs";

/** @typedef {import("../runUiTests.mjs").Session} Session */

const secret = "s3cr3t-that-no-file-may-hold";
/** Nothing listens there: signing in asks nobody. */
const bucket = "s3://http://127.0.0.1:9/papers";

/** @type {import("../runUiTests.mjs").Journey} */
export const journey = {
  title: "the bucket browser",
  settings: { "cloudvolume.trace.server": "verbose" },
  steps: [
    ["a pasted text that is no location is explained while it stands in the box", explainLocation],
    ["a folder is added from a pasted command, and filtered", addAndFilter],
    ["a folder is deleted only after its name was typed, with its count in view", deleteFolder],
    ["signing in shows who asks, and forgetting takes it away", signIn],
    ["nothing that was written holds the secret", findNoSecret],
  ],
};

/**
 * @param {Session} session
 * @returns {string}
 */
const folderOf = ({ directory }) => path.join(directory, "papers-on-disk");
/** @param {import("../workbench.mjs").Page} page */
const inputOf = (page) => page.locator(".quick-input-widget input").first();
/** @param {import("../workbench.mjs").Page} page */
const messageOf = (page) => page.locator(".quick-input-widget .quick-input-message");

/**
 * @param {Session} session
 * @param {string} text
 */
async function addLocation({ page }, text) {
  await runCommand(page, "CloudVolume: Add Bucket or Location");
  await page.locator(".quick-input-widget .quick-input-title", { hasText: "Add Bucket or Location" }).waitFor();
  await inputOf(page).fill(text);
}

/** @param {Session} session */
async function explainLocation(session) {
  const { page } = session;
  await page
    .getByRole("tab", { name: /^CloudVolume/ })
    .first()
    .click();
  await addLocation(session, "nonsense://bucket/x");
  await messageOf(page).filter({ hasText: 'unknown scheme "nonsense"' }).waitFor();
  await session.screenshot("1-explained");
  await page.keyboard.press("Escape");
}

/** @param {Session} session */
async function addAndFilter(session) {
  const { page } = session;
  const folder = folderOf(session);
  mkdirSync(path.join(folder, "drafts"), { recursive: true });
  writeFileSync(path.join(folder, "drafts", "one.txt"), "12345");
  writeFileSync(path.join(folder, "drafts", "two.txt"), "67890");
  writeFileSync(path.join(folder, "notes.txt"), "x");
  await addLocation(session, `gsutil ls file://${folder}`);
  await page.keyboard.press("Enter");
  await treeRow(page, "notes.txt").waitFor();
  await treeRow(page, "papers-on-disk").click({ button: "right" });
  await chooseInMenu(page, "Filter…");
  await inputOf(page).fill("dra");
  await page.keyboard.press("Enter");
  await treeRow(page, "filter: dra").waitFor();
  await treeRow(page, "notes.txt").waitFor({ state: "detached" });
  await session.screenshot("2-filtered");
  await treeRow(page, "filter: dra").click({ button: "right" });
  await chooseInMenu(page, "Clear Filter");
  await treeRow(page, "notes.txt").waitFor();
}

/** @param {Session} session */
async function deleteFolder(session) {
  const { page } = session;
  await treeRow(page, "papers-on-disk").click({ button: "right" });
  await chooseInMenu(page, "Allow Changes in This Location…");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "papers-on-disk" }).first().click();
  await treeRow(page, "changes allowed").waitFor();
  await treeRow(page, "drafts").click({ button: "right" });
  await chooseInMenu(page, "Delete…");
  await page.locator(".quick-input-widget .quick-input-title", { hasText: "Delete 2 objects, 10 bytes" }).waitFor();
  await inputOf(page).fill("draft");
  await page.keyboard.press("Enter");
  await messageOf(page).filter({ hasText: 'Type "drafts"' }).waitFor();
  assert.ok(existsSync(path.join(folderOf(session), "drafts", "one.txt")), "it was deleted without its name");
  await session.screenshot("3-typed");
  await inputOf(page).fill("drafts");
  await page.keyboard.press("Enter");
  await treeRow(page, "drafts").waitFor({ state: "detached" });
  assert.deepEqual(readdirSync(folderOf(session)), ["notes.txt"]);
}

/** @param {Session} session */
async function signIn(session) {
  const { page } = session;
  await runCommand(page, "Developer: Set Log Level...");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "CloudVolume" }).first().click();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Trace" }).first().click();
  await addLocation(session, bucket);
  await page.keyboard.press("Enter");
  await treeRow(page, "papers-on-disk").waitFor();
  await treeRow(page, bucket).click();
  await treeRow(page, bucket).click({ button: "right" });
  await chooseInMenu(page, "Sign In…");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Only the bucket papers" }).first().click();
  await answer(page, "Access Key Id", "AKIAJOURNEY");
  await answer(page, "Secret Access Key", secret);
  const item = page.locator(".statusbar-item", { hasText: "s3: AKIAJOURNEY (signed in)" });
  await item.waitFor();
  await session.screenshot("4-signed-in");
  await item.click();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Forget" }).first().click();
  await item.waitFor({ state: "detached" });
}

/**
 * @param {import("../workbench.mjs").Page} page
 * @param {string} title
 * @param {string} text
 */
async function answer(page, title, text) {
  await page.locator(".quick-input-widget .quick-input-title", { hasText: title }).waitFor();
  await inputOf(page).fill(text);
  await page.keyboard.press("Enter");
}

/**
 * @param {import("../workbench.mjs").Page} page
 * @param {string} text
 */
async function chooseInMenu(page, text) {
  const entry = page.locator(".monaco-menu .action-item", { hasText: text }).first();
  await entry.waitFor();
  // A menu that has just opened takes no click for a moment: the one that opened it may still be ending.
  while (await entry.isVisible()) {
    await entry.hover({ timeout: 2_000 }).catch(() => undefined);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(200);
  }
}

/**
 * Logs, settings and states of everything that ran. (Without its native logger the server of VS Code writes no log of an extension; what the trace
 * says is tested where it is written.)
 * @param {Session} session
 */
async function findNoSecret({ directory }) {
  const files = filesBelow(directory);
  assert.ok(files.some((file) => file.endsWith("server.log")));
  assert.deepEqual(
    files.filter((file) => readFileSync(file).includes(secret)),
    [],
  );
}

/**
 * @param {string} directory
 * @returns {readonly string[]}
 */
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
