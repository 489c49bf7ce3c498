/** The two backends of the slice renderer agree, and the right one is chosen. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleForPage } from "../fakes/webviewPage.ts";
import { launchBrowser, openPage } from "./browser.ts";

let browser: Browser;
let script: string;

beforeAll(async () => {
  script = await bundleForPage("test/fakes/backendPage.ts");
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function open(): Promise<Page> {
  const { page } = await openPage(browser);
  await page.addScriptTag({ content: script });
  return page;
}

describe("the backends", () => {
  it("draw every data type, labels, outlines and patterns alike", async () => {
    const page = await open();
    const { worst, different, drawn } = await page.evaluate(() => window.backends.compare());
    expect(drawn).toBeGreaterThan(60_000);
    expect(different).toBe(0);
    expect(worst).toBeLessThanOrEqual(1);
    await page.close();
  });

  it("are chosen by setting, and by what the browser has", async () => {
    const page = await open();
    expect(await page.evaluate(() => window.backends.choose("webgl2"))).toBe("webgl2");
    expect(await page.evaluate(() => window.backends.choose("cpu"))).toBe("cpu");
    // The browser of the tests emulates WebGL2 on the CPU.
    expect(await page.evaluate(() => window.backends.choose("auto"))).toBe("cpu");
    await page.close();
  });

  it("fall back to the CPU without WebGL2", async () => {
    const page = await open();
    const name = await page.evaluate(() => {
      const original = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
        return kind === "2d" ? Reflect.apply(original, this, [kind, ...rest]) : null;
      } as typeof original;
      return [window.backends.choose("webgl2"), window.backends.choose("auto")];
    });
    expect(name).toEqual(["cpu", "cpu"]);
    await page.close();
  });
});
