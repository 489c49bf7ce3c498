/** The built slice panel in a real browser, under the policy that it ships with, against a fake host. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SliceCommand, SliceLayer, SliceSettings, SliceViewState } from "../../schemas/messages/slices.ts";
import type { ThemeName } from "../fakes/themes.ts";
import { serveWebview, type WebviewServer } from "../fakes/webviewPage.ts";
import { comparePictures, launchBrowser, openPage, waitFor } from "./browser.ts";

let server: WebviewServer;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  server = await serveWebview({ view: "slices", hostSource: "test/fakes/sliceHost.ts" });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
afterEach(async () => {
  expect(await page.evaluate(() => window.fakeHost.violations)).toEqual([]);
  expect(troubles).toEqual([]);
  await page.close();
});

interface OpenOptions {
  readonly layers?: readonly SliceLayer[];
  readonly theme?: ThemeName;
  readonly renderer?: SliceSettings["renderer"];
  /** Tiles wait until they are released. */
  readonly isHolding?: boolean;
}

async function open({ isHolding = false, ...options }: OpenOptions = {}): Promise<void> {
  ({ page, troubles } = await openPage(browser));
  await page.addInitScript(
    (value) => {
      window.fakeHostOptions = value;
    },
    { ...options, isHolding },
  );
  await page.goto(server.url);
  await waitFor(() =>
    page.evaluate(() => !["", "Starting…"].includes(document.querySelector(".empty-title")?.textContent ?? "")),
  );
}

const described = (): Promise<string> => page.evaluate(() => window.fakeHost.described.at(-1) ?? "");
const untilDescribed = (pattern: RegExp): Promise<void> => waitFor(async () => pattern.test(await described()));
const state = (): Promise<SliceViewState> => page.evaluate(() => window.fakeHost.state as SliceViewState);
const run = (name: SliceCommand): Promise<void> =>
  page.evaluate((command) => window.fakeHost.send("command", { name: command }), name);
const panel = (plane: string) => page.locator(`.panel[data-plane="${plane}"]`);
const position = (): Promise<string | null> => page.locator(".status-position").textContent();

describe("the slice panel", () => {
  it("shows the whole volume at its centre and says so", async () => {
    await open();
    await untilDescribed(/^xy slice 32 of 64, mip \d, 2 layers, \d+ tiles drawn, 0 missing, 0 failed$/);
    expect(await position()).toBe("200, 150, 32");
  });

  it("asks for coarse tiles first, and for at most eight at once", async () => {
    await open({ isHolding: true });
    await waitFor(() => page.evaluate(() => window.fakeHost.held.length === 8));
    const held = await page.evaluate(() => window.fakeHost.held);
    expect(held.slice(0, 2).map(({ layer, mip }) => [layer, mip])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    await page.evaluate(() => window.fakeHost.release());
    await untilDescribed(/0 failed$/);
  });

  it("cancels the tiles of slices that were passed over", async () => {
    await open({ isHolding: true });
    await waitFor(() => page.evaluate(() => window.fakeHost.held.length === 8));
    await panel("xy").focus();
    await page.keyboard.press("PageDown");
    await page.keyboard.press("PageDown");
    await waitFor(() => page.evaluate(() => window.fakeHost.cancelled.length >= 8));
    await page.evaluate(() => window.fakeHost.release());
    await untilDescribed(/^xy slice 34 of 64/);
    const slices = await page.evaluate(() => window.fakeHost.cancelled.map(({ slice }) => slice));
    expect(slices).not.toContain(34);
  });

  it("draws the same pixels with WebGL2 and on the CPU", async () => {
    const shots: Buffer[] = [];
    for (const renderer of ["webgl2", "cpu"] as const) {
      await page?.close();
      await open({ renderer });
      await run("layoutAll");
      await untilDescribed(/yz slice .* 0 failed$/);
      expect(await page.locator(".slices-canvas").getAttribute("data-backend")).toBe(renderer);
      shots.push(await page.locator(".view").screenshot());
    }
    const [webgl2, cpu] = shots;
    const difference = await comparePictures(browser, webgl2 ?? Buffer.alloc(0), cpu ?? Buffer.alloc(0));
    expect(difference.pixels).toBeGreaterThan(150_000);
    expect(difference.colors).toBeGreaterThan(50);
    expect(difference.different).toBe(0);
  });

  it("draws without WebGL2", async () => {
    ({ page, troubles } = await openPage(browser));
    await page.addInitScript(() => {
      const original = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
        return kind === "2d" ? Reflect.apply(original, this, [kind, ...rest]) : null;
      } as typeof original;
      window.fakeHostOptions = { renderer: "webgl2" };
    });
    await page.goto(server.url);
    await untilDescribed(/^xy slice 32 of 64/);
    expect(await page.locator(".slices-canvas").getAttribute("data-backend")).toBe("cpu");
  });

  it("goes on drawing when the context is lost, and returns to it", async () => {
    await open({ renderer: "webgl2" });
    await untilDescribed(/^xy slice 32/);
    const before = await page.locator(".view").screenshot();
    await page.evaluate(() => {
      const gl = document.querySelector<HTMLCanvasElement>(".slices-canvas")?.getContext("webgl2");
      const extension = gl?.getExtension("WEBGL_lose_context");
      Object.assign(window, { lost: extension });
      extension?.loseContext();
    });
    const backend = (): Promise<string | null> => page.locator(".slices-canvas").getAttribute("data-backend");
    await waitFor(async () => (await backend()) === "cpu");
    const after = await page.locator(".view").screenshot();
    expect((await comparePictures(browser, before, after)).different).toBe(0);
    await page.evaluate(() => (window as unknown as { lost: WEBGL_lose_context }).lost.restoreContext());
    await waitFor(async () => (await backend()) === "webgl2");
  });
});

describe("missing and failed tiles", () => {
  it("are counted, hatched and explained under the pointer", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    await page.evaluate(() => {
      window.fakeHost.missing = ({ layer, mip }) => (layer === 1 && mip === 0 ? [[0, 0, 256, 256]] : []);
    });
    await panel("xy").focus();
    for (let step = 0; step < 3; step++) {
      await run("nextSlice");
    }
    await untilDescribed(/slice 35 .* [1-9]\d* missing, 0 failed$/);
    await panel("xy").hover({ position: { x: 200, y: 200 } });
    await waitFor(
      async () => (await page.locator(".panel-tip:visible").textContent()) === "em: no chunk is stored here",
    );
    expect(await page.locator(".status-values").textContent()).toContain("emno chunk");
  });

  it("give their reason and what to do, and are asked for again on demand", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    await page.evaluate(() => {
      window.fakeHost.fails = ({ layer }) => layer === 2;
    });
    for (let step = 0; step < 3; step++) {
      await run("nextSlice");
    }
    await untilDescribed(/slice 35 .* [1-9]\d* failed/);
    const problem = page.getByRole("listitem", { name: "cells" }).getByRole("alert");
    expect(await problem.textContent()).toMatch(/tiles? failed: chunk "0-64_0-64_0-64" of mip 0 is truncated/);
    expect(await problem.textContent()).toContain("write it again");
    await panel("xy").hover({ position: { x: 200, y: 200 } });
    await waitFor(async () =>
      /cells: chunk .* is truncated/.test((await page.locator(".panel-tip:visible").textContent()) ?? ""),
    );
    const before = await page.evaluate(() => window.fakeHost.requested.length);
    await page.evaluate(() => {
      window.fakeHost.fails = () => false;
    });
    await page.getByRole("button", { name: "Retry cells" }).click();
    await untilDescribed(/slice 35 .* 0 failed$/);
    expect(await page.evaluate(() => window.fakeHost.requested.length)).toBeGreaterThan(before);
  });

  it("are asked for again when the server is back", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    await page.evaluate(() => {
      window.fakeHost.send("serverStopped", {});
      window.fakeHost.fails = () => true;
    });
    await run("layoutXz");
    await untilDescribed(/^xz .* [1-9]\d* failed/);
    await waitFor(() => page.getByText("The engine stopped").isVisible());
    await page.evaluate(() => {
      window.fakeHost.fails = () => false;
      window.fakeHost.send("serverRestarted", {});
    });
    await untilDescribed(/^xz .* 0 failed$/);
    expect(await page.getByText("The engine stopped").isVisible()).toBe(false);
  });
});

describe("keyboard and pointer", () => {
  it("step, move, zoom and change the layout", async () => {
    await open();
    await panel("xy").focus();
    await page.keyboard.press("PageDown");
    await untilDescribed(/^xy slice 33/);
    await page.keyboard.press("PageUp");
    await untilDescribed(/^xy slice 32/);
    await page.keyboard.press("ArrowRight");
    await waitFor(async () => /^2[12]\d, 150, 32$/.test((await position()) ?? ""));
    await page.keyboard.press("Home");
    await waitFor(async () => (await position()) === "200, 150, 32");
    const { nmPerPixel } = await state();
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await waitFor(async () => Math.abs((await state()).nmPerPixel - nmPerPixel / 2) < 1e-9);
    await page.keyboard.press("]");
    await untilDescribed(/, mip 1,/);
    await page.keyboard.press("\\");
    await untilDescribed(/, mip 0,/);
    await page.keyboard.press("4");
    await untilDescribed(/^xy .* xz .* yz /);
  });

  it("go from panel to panel with Tab", async () => {
    await open();
    await run("layoutAll");
    await untilDescribed(/yz /);
    await panel("xy").focus();
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.plane);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("xz");
    await page.keyboard.press("PageDown");
    await untilDescribed(/xz slice (151|76) of/);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("yz");
  });

  it("select the label at the centre with its exact id, and nothing with Escape", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    await panel("xy").focus();
    await page.keyboard.press("Enter");
    await waitFor(async () => (await state()).layers[1]?.selected !== undefined);
    const [selected = ""] = (await state()).layers[1]?.selected ?? [];
    expect(BigInt(selected)).toBeGreaterThan(2n ** 53n);
    expect(await page.locator(".status-values").textContent()).toContain(selected);
    const row = page.getByRole("button", { name: selected, exact: true });
    await waitFor(async () => (await row.getAttribute("aria-pressed")) === "true");
    await page.keyboard.press("Escape");
    await waitFor(async () => (await state()).layers[1]?.selected === undefined);
  });

  it("select from the list of labels", async () => {
    await open();
    const first = page.locator(".segment").first();
    await first.click();
    const label = (await first.textContent()) ?? "";
    await waitFor(async () => (await state()).layers[1]?.selected?.[0] === label);
  });

  it("drag, click, wheel and Ctrl+wheel do what they do elsewhere", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    const { centerNm, nmPerPixel } = await state();
    const box = await panel("xy").boundingBox();
    const [x, y] = [(box?.x ?? 0) + 300, (box?.y ?? 0) + 250];
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 120);
    await untilDescribed(/^xy slice 33/);
    await page.mouse.down();
    await page.mouse.move(x + 40, y + 10, { steps: 4 });
    await page.mouse.up();
    await waitFor(async () => Math.abs((await state()).centerNm[0] - (centerNm[0] - 40 * nmPerPixel)) < 1e-6);
    const before = await position();
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -120);
    await page.keyboard.up("Control");
    await waitFor(async () => (await state()).nmPerPixel < nmPerPixel);
    expect(await position()).toBe(before);
  });

  it("copy the position and the label", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    await page.getByRole("button", { name: "Copy position" }).click();
    await run("copyLabel");
    await waitFor(() => page.evaluate(() => window.fakeHost.copied.length === 2));
    const [copied = "", label = ""] = await page.evaluate(() => window.fakeHost.copied);
    expect(copied).toBe("200, 150, 32");
    expect(label).toMatch(/^8646911284551\d+$/);
  });

  it("describe the view on request", async () => {
    await open();
    await untilDescribed(/0 failed$/);
    const sentence = await described();
    await run("describeView");
    await waitFor(() =>
      page.evaluate((text) => window.fakeHost.described.filter((one) => one === text).length > 1, sentence),
    );
    await waitFor(async () =>
      ((await page.locator('[aria-live="polite"]').textContent()) ?? "").includes("200, 150, 32"),
    );
  });
});
