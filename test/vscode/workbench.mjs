/** The workbench in a headless Chromium: open it, and find things in it the way a user does. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** WebGL2 without a graphics card, and no request of the browser's own. */
const browserArguments = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */

/**
 * @typedef {object} Browser
 * @property {Page} page
 * @property {ReadonlySet<string>} outsideHosts Hosts other than this machine that a page asked for.
 * @property {() => Promise<void>} close
 */

/**
 * A page of a fresh browser profile.
 * @param {{ chromiumPath: string, width?: number, height?: number }} options
 * @returns {Promise<Browser>}
 */
export async function launchBrowser({ chromiumPath, width = 1280, height = 800 }) {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: browserArguments });
  const context = await browser.newContext({
    viewport: { width, height },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const outsideHosts = new Set();
  page.on("request", (request) => {
    const { host, hostname, protocol } = new URL(request.url());
    // Resources of webviews have an address that only the workbench's own service worker answers.
    const isHere =
      ["127.0.0.1", "localhost"].includes(hostname) || hostname.endsWith(".vscode-resource.vscode-cdn.net");
    if (/^(https?|wss?):$/.test(protocol) && !isHere) {
      outsideHosts.add(host);
    }
  });
  return { page, outsideHosts, close: () => browser.close() };
}

/**
 * Opens a folder in the workbench and waits until its activity bar is there.
 * @param {Page} page
 * @param {string} url
 */
export async function openWorkbench(page, url) {
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForSelector(".monaco-workbench .part.activitybar .action-item", { timeout: 90_000 });
}

/**
 * Runs a command of the palette by its title.
 * @param {Page} page
 * @param {string} title
 */
export async function runCommand(page, title) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await input.fill(`>${title}`);
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
  await row.waitFor();
  await row.click();
}

/**
 * The row of a tree in the side bar that has this text.
 * @param {Page} page
 * @param {string | RegExp} text
 */
export function treeRow(page, text) {
  return page.locator(".part.sidebar .monaco-list-row").filter({ hasText: text }).first();
}

/**
 * The document of a webview: the first frame, of all that are there, in which the selector is found.
 * @param {Page} page
 * @param {string} selector
 * @param {number} [timeoutMs]
 * @returns {Promise<Frame>}
 */
export async function webviewFrame(page, selector, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      const found = await frame.$(selector).catch(() => null);
      if (found !== null && (await found.isVisible().catch(() => false))) {
        return frame;
      }
    }
    await page.waitForTimeout(100);
  }
  const empty = await countEmptyWebviews(page);
  throw new Error(`no webview shows "${selector}"${empty > 0 ? `; there is an empty webview (${empty})` : ""}`);
}

/**
 * Webviews whose document was never written: VS Code lost their script.
 * @param {Page} page
 */
async function countEmptyWebviews(page) {
  const bodies = page
    .frames()
    .filter((frame) => frame.name() === "active-frame" || frame.url().includes("fake.html"))
    .map((frame) => frame.evaluate(() => document.body.childElementCount).catch(() => 1));
  return (await Promise.all(bodies)).filter((count) => count === 0).length;
}

/**
 * Saves a picture of the page and gives back its path.
 * @param {Page} page
 * @param {string} file
 */
export async function saveScreenshot(page, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  return file;
}
