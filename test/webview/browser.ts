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

/** A page that collects what must not happen: errors in the console and exceptions. */
export async function openPage(
  browser: Browser,
  size = { width: 800, height: 480 },
): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage({ viewport: size });
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
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
