/** The slice panel as a user works with it: find it, wait until it has drawn, read its status line, press its keys. */
import { webviewFrame } from "./workbench.mjs";

/** @typedef {import("./workbench.mjs").Page} Page */
/** @typedef {import("./workbench.mjs").Frame} Frame */

/**
 * The slice panel whose top layer has this name, when nothing is loading in it any more. Of a panel that was just hidden the page may
 * still be there for a moment, hence the name.
 * @param {Page} page
 * @param {string} topLayer
 * @returns {Promise<Frame>}
 */
export async function drawnSlices(page, topLayer) {
  const frame = await webviewFrame(page, `.layer:first-child .layer-name:text-is("${topLayer}")`);
  await panelOf(frame, "xy").waitFor();
  await waitUntilDrawn(frame);
  return frame;
}

/**
 * Waits until the status line names a mip and says of no tile that it loads.
 * @param {Frame} frame
 */
export async function waitUntilDrawn(frame) {
  await frame.waitForFunction(
    () => {
      const text = document.querySelector(".status-view")?.textContent ?? "";
      return text.includes("mip") && !text.includes("loading");
    },
    undefined,
    { timeout: 30_000, polling: 100 },
  );
  await nextFrame(frame);
}

/**
 * Waits for two animation frames, so that what was decided is on the screen.
 * @param {Frame} frame
 */
async function nextFrame(frame) {
  await frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/**
 * A panel of the frame by its plane.
 * @param {Frame} frame
 * @param {"xy" | "xz" | "yz"} plane
 */
export function panelOf(frame, plane) {
  return frame.locator(`.panel[data-plane="${plane}"]`);
}

/**
 * Moves the pointer over a panel and gives what the status line says of that point.
 * @param {Page} page
 * @param {Frame} frame
 * @param {import("playwright-core").Locator} panel
 * @param {number} x CSS pixels from the panel's left edge.
 * @param {number} y
 * @returns {Promise<{ position: [number, number, number], values: string[] }>}
 */
export async function readoutAt(page, frame, panel, x, y) {
  const box = await panel.boundingBox();
  if (box === null) {
    throw new Error("the panel is not visible");
  }
  await page.mouse.move(box.x + x, box.y + y);
  await nextFrame(frame);
  await frame.waitForFunction(
    () => {
      const numbers = [...document.querySelectorAll(".status-number")].map((element) => element.textContent ?? "…");
      return numbers.length > 0 && !numbers.includes("…");
    },
    undefined,
    { timeout: 10_000, polling: 50 },
  );
  const { position, values } = await frame.evaluate(() => ({
    position: document.querySelector(".status-position")?.textContent ?? "",
    values: [...document.querySelectorAll(".status-number")].map((element) => element.textContent ?? ""),
  }));
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = position.split(",").map(Number);
  return { position: [a, b, c], values };
}

/**
 * Gives a panel the keyboard by a click on its free corner, and presses keys: focus alone does not lead the keyboard into a webview.
 * @param {Page} page
 * @param {import("playwright-core").Locator} panel
 * @param {readonly string[]} keys
 */
export async function pressIn(page, panel, keys) {
  const box = await panel.boundingBox();
  await panel.click({ position: { x: 3, y: (box?.height ?? 10) / 2 } });
  for (const key of keys) {
    await page.keyboard.press(key);
  }
}

/**
 * Waits until an element says something else than before, and gives what it says.
 * @param {Frame} frame
 * @param {string} selector
 * @param {string | null} before
 */
export async function changedText(frame, selector, before) {
  await frame.waitForFunction(
    ([query, old]) => document.querySelector(query ?? "")?.textContent !== old,
    [selector, before],
    { timeout: 15_000, polling: 50 },
  );
  return frame.locator(selector).first().textContent();
}
