/** A browser for the tests of the views. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const switches = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** Starts the Chromium of the machine, or the one that CHROMIUM names. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`no browser at "${executablePath}": install Chromium, or name it by the variable CHROMIUM`);
  }
  return chromium.launch({ executablePath, args: switches });
}

/** How two screenshots of one size differ. */
export interface PictureDifference {
  readonly pixels: number;
  /** Pixels of which a channel differs by more than 1. */
  readonly different: number;
  /** Colours of the first. */
  readonly colors: number;
}

/** Compares two PNG images in a page of their own. */
export async function comparePictures(browser: Browser, a: Buffer, b: Buffer): Promise<PictureDifference> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(
      async (images) => {
        const decode = async (base64: string): Promise<Uint8ClampedArray> => {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context?.drawImage(bitmap, 0, 0);
          return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
        };
        const [left, right] = [await decode(images[0] ?? ""), await decode(images[1] ?? "")];
        let different = left.length === right.length ? 0 : Number.POSITIVE_INFINITY;
        const colors = new Set<number>();
        for (let at = 0; at < left.length; at += 4) {
          const differs = [0, 1, 2].some(
            (channel) => Math.abs((left[at + channel] ?? 0) - (right[at + channel] ?? 0)) > 1,
          );
          different += differs ? 1 : 0;
          colors.add(((left[at] ?? 0) << 16) | ((left[at + 1] ?? 0) << 8) | (left[at + 2] ?? 0));
        }
        return { pixels: left.length / 4, different, colors: colors.size };
      },
      [a.toString("base64"), b.toString("base64")],
    );
  } finally {
    await page.close();
  }
}

/** A page that collects what must not happen: errors in the console and exceptions. */
export async function openPage(
  browser: Browser,
  size = { width: 800, height: 480 },
): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage({ viewport: size });
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") {
      troubles.push(message.text());
    }
  });
  page.on("pageerror", (error) => troubles.push(error.message));
  return { page, troubles };
}

/** Waits until `read` is true. */
export async function waitFor(read: () => Promise<boolean>): Promise<void> {
  await expect.poll(read, { timeout: 20_000, interval: 30 }).toBe(true);
}
