/** The built slice panel's page: what surrounds the slices, how it looks in each theme, what assistive technology reads of it. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SliceLayer } from "../../schemas/messages/slices.ts";
import type { FakeHost } from "../fakes/sliceHost.ts";
import { syntheticLayers, syntheticScales } from "../fakes/syntheticSlices.ts";
import type { ThemeName } from "../fakes/themes.ts";
import { serveWebview, type WebviewServer } from "../fakes/webviewPage.ts";
import { launchBrowser, openPage, waitFor } from "./browser.ts";

/** The machine may be busy. */
const patient = { timeout: 20_000, interval: 50 };

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

async function open(
  options: { readonly layers?: readonly SliceLayer[]; readonly theme?: ThemeName } = {},
): Promise<void> {
  ({ page, troubles } = await openPage(browser));
  await page.addInitScript((value) => {
    window.fakeHostOptions = value;
  }, options);
  await page.goto(server.url);
  await waitFor(() =>
    page.evaluate(() => !["", "Starting…"].includes(document.querySelector(".empty-title")?.textContent ?? "")),
  );
}

const settled = (): Promise<void> => waitFor(() => page.evaluate(() => window.fakeHost.described.length > 0));
const calls = (): Promise<FakeHost["calls"]> => page.evaluate(() => window.fakeHost.calls);

describe("without slices", () => {
  it("it offers to add a layer", async () => {
    await open({ layers: [] });
    await page.getByRole("button", { name: "Add a layer" }).click();
    await waitFor(async () => (await calls()).includes("addLayer {}"));
  });

  it("it says what is being opened", async () => {
    await open({ layers: [{ id: 1, location: "mem://slow/", name: "slow" }] });
    await waitFor(() => page.getByText("Opening…").first().isVisible());
  });

  it("it says why a layer failed and what to do, and opens it again on demand", async () => {
    const problem = { tag: "not_found", message: 'no "info" at mem://gone/' } as const;
    await open({ layers: [{ id: 7, location: "mem://gone/", name: "gone", problem }] });
    const notice = page.locator(".empty");
    expect(await notice.textContent()).toContain('no "info" at mem://gone/. Check the location');
    await notice.getByRole("button", { name: "Retry" }).click();
    await waitFor(async () => (await calls()).includes('retryLayer {"layer":7}'));
  });

  it("it shows names from a bucket as text, whatever they contain", async () => {
    const name = "<img src=x onerror=alert(1)>";
    const [em] = syntheticLayers;
    await open({ layers: em === undefined ? [] : [{ ...em, name }] });
    await settled();
    expect(await page.locator(".layer-name").textContent()).toBe(name);
    expect(await page.locator("img").count()).toBe(0);
  });
});

describe("the layer list", () => {
  const saved = (): Promise<unknown> =>
    page.evaluate(() => (window.fakeHost.state as { layers?: unknown[] } | undefined)?.layers?.[0]);

  it("hides, fades, windows and fixes the mip of a layer", async () => {
    await open();
    await settled();
    const card = page.getByRole("listitem", { name: "em" });
    await card.getByRole("slider").fill("40");
    await card.getByRole("spinbutton", { name: "Value drawn black of em" }).fill("10");
    await card.getByRole("spinbutton", { name: "Value drawn black of em" }).press("Enter");
    await card.getByRole("combobox").selectOption("2");
    await card.getByRole("button", { name: "Hide em" }).click();
    const expected = {
      location: "precomputed://mem://synthetic/em",
      isVisible: false,
      opacity: 0.4,
      window: [10, 255],
      mip: 2,
    };
    await expect.poll(saved, patient).toEqual(expected);
    await card.getByRole("button", { name: "Reset contrast of em" }).click();
    await card.getByRole("combobox").selectOption("");
    await card.getByRole("button", { name: "Show em" }).click();
    await expect.poll(saved, patient).toEqual({ location: expected.location, isVisible: true, opacity: 0.4 });
  });

  it("fits the contrast to what is in view", async () => {
    await open();
    await settled();
    await page.getByRole("button", { name: "Fit contrast of em to what is in view" }).click();
    await expect.poll(async () => ((await saved()) as { window?: number[] }).window?.length, patient).toBe(2);
    const { window: fitted = [] } = (await saved()) as { window?: number[] };
    expect(fitted[0]).toBeGreaterThan(30);
    expect(fitted[1]).toBeLessThan(255);
  });

  it("asks the host to remove a layer, and forgets what is gone", async () => {
    await open();
    await settled();
    await page.getByRole("button", { name: "Remove cells" }).click();
    await waitFor(async () => (await calls()).includes('removeLayer {"layer":2}'));
    await page.evaluate((layers) => window.fakeHost.send("layersChanged", { layers }), syntheticLayers.slice(0, 1));
    await waitFor(() => page.evaluate(() => /, 1 layer,/.test(window.fakeHost.described.at(-1) ?? "")));
    expect(await page.getByRole("listitem", { name: "cells" }).count()).toBe(0);
  });

  it("can be closed, and stays so after a reload", async () => {
    await open();
    await settled();
    await page.getByRole("button", { name: "Layers" }).click();
    await waitFor(async () => !(await page.getByRole("complementary").isVisible()));
    await waitFor(() =>
      page.evaluate(() => sessionStorage.getItem("fakeHost.state")?.includes('"isLayerListOpen":false') ?? false),
    );
    await page.reload();
    await settled();
    expect(await page.getByRole("complementary").isVisible()).toBe(false);
  });
});

describe("a reload", () => {
  it("comes back to the same view", async () => {
    await open();
    await settled();
    await page.locator('.panel[data-plane="xy"]').focus();
    for (const key of ["3", "PageDown", "+", "ArrowDown"]) {
      await page.keyboard.press(key);
    }
    // Arrow down moves along z by whole voxels of 40 nm; before, the centre lay between two.
    const kept = (): Promise<unknown> => page.evaluate(() => window.fakeHost.state);
    const moved = async (): Promise<boolean> =>
      ((await kept()) as { centerNm?: number[] } | undefined)?.centerNm?.[2] !== 1280;
    await waitFor(async () => (await kept()) !== undefined && (await moved()));
    const before = await kept();
    await page.reload();
    await waitFor(() => page.evaluate(() => (window.fakeHost.described.at(-1) ?? "").startsWith("yz slice 201")));
    await expect.poll(kept, patient).toEqual(before);
  });
});

describe("an image of 64-bit integers", () => {
  it("asks for the exact value under the pointer", async () => {
    const [em] = syntheticLayers;
    if (em?.volume === undefined) {
      throw new Error("the synthetic image is missing");
    }
    await open({ layers: [{ ...em, volume: { ...em.volume, dtype: "uint64" } }] });
    await page.evaluate(() => {
      window.fakeHost.wideImages = true;
    });
    await page.evaluate((layers) => window.fakeHost.send("layersChanged", { layers }), [em]);
    await page.evaluate(
      (layers) => window.fakeHost.send("layersChanged", { layers }),
      [{ ...em, volume: { ...em.volume, dtype: "uint64" as const, scales: syntheticScales } }],
    );
    await waitFor(async () =>
      ((await page.locator(".status-values").textContent()) ?? "").endsWith(String(2n ** 53n + 200n)),
    );
  });
});

describe("themes", () => {
  it.each([
    ["dark", [31, 31, 31]],
    ["light", [255, 255, 255]],
    ["highContrast", [0, 0, 0]],
    ["highContrastLight", [255, 255, 255]],
  ] as const)(
    "%s colours the slices' surroundings, also when it changes while the page is open",
    async (theme, color) => {
      await open({ theme: theme === "dark" ? "light" : "dark" });
      await settled();
      await page.evaluate((name) => window.fakeHost.setTheme(name), theme);
      const corner = (): Promise<number[]> =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>(".slices-canvas");
          return [...(canvas?.getContext("2d")?.getImageData(2, 2, 1, 1).data ?? [])].slice(0, 3);
        });
      await expect.poll(corner, patient).toEqual([...color]);
    },
  );

  it("of high contrast outline the focus with 2 pixels", async () => {
    await open({ theme: "highContrast" });
    await settled();
    await page.locator('.panel[data-plane="xy"]').focus();
    await page.keyboard.press("Shift");
    const border = await page.evaluate(() => {
      const panel = document.querySelector('.panel[data-plane="xy"]');
      return panel === null ? "" : getComputedStyle(panel, "::after").borderTopWidth;
    });
    expect(border).toBe("2px");
  });

  it("of reduced motion show progress without movement", async () => {
    await open();
    await page.evaluate(() => document.body.classList.add("vscode-reduce-motion"));
    const animation = await page.evaluate(() => {
      const progress = document.querySelector(".progress");
      return progress === null ? "" : getComputedStyle(progress, "::after").animationName;
    });
    expect(animation).toBe("none");
  });
});

describe("assistive technology", () => {
  it("reads every control by name", async () => {
    await open();
    await settled();
    const snapshot = await page.locator("body").ariaSnapshot();
    for (const line of [
      '- toolbar "Slices":',
      '- button "All three planes"',
      '- spinbutton "Slice along z": "32"',
      '- application "xy slice 32 of 64"',
      '- slider "Opacity of cells": "50"',
      '- combobox "Mip of em"',
      '- list "Labels in view',
    ]) {
      expect(snapshot).toContain(line);
    }
    expect(snapshot).not.toMatch(/- (button|combobox|slider|spinbutton)(:| \[|$)/m);
  });

  it("hears where the keys led", async () => {
    await open();
    await settled();
    await page.locator('.panel[data-plane="xy"]').focus();
    await page.keyboard.press("PageDown");
    const spoken = (): Promise<string | null> => page.locator('[aria-live="polite"]').textContent();
    await expect.poll(spoken, patient).toMatch(/^200, 150, 33; em \d+; cells \d+$/);
  });

  it("is told the keys of a panel", async () => {
    await open();
    await settled();
    const id = (await page.locator('.panel[data-plane="xy"]').getAttribute("aria-describedby")) ?? "";
    expect(await page.locator(`#${id}`).textContent()).toContain("Page Down, Page Up: next and previous slice");
    await page.getByRole("button", { name: "Keys" }).click();
    await waitFor(() => page.getByRole("region", { name: "Keys" }).isVisible());
  });
});
