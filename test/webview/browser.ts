/** A browser for the tests of the views. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { FakeHost } from "../fakes/sliceHost.ts";

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
  size = { width: 1000, height: 640 },
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

/** Something of the fake host in the page. */
export function fromHost<T>(page: Page, read: (host: FakeHost) => T): Promise<T> {
  return page.evaluate(`(${read.toString()})(window.fakeHost)`);
}

/** Waits until `read` is true in the page; the policy of the page forbids Playwright's own way. */
export async function waitFor(read: () => Promise<boolean>): Promise<void> {
  await expect.poll(read, { timeout: 20_000, interval: 30 }).toBe(true);
}
