import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Problem } from "../../schemas/messages/infoEditor.ts";
import {
  type HostOptions,
  type MetadataHost,
  type MetadataSite,
  openMetadataHost,
  openMetadataSite,
} from "./metadataHost.ts";

const volume = `{
  "type": "segmentation",
  "data_type": "uint64",
  "num_channels": 1,
  "owner_id": 18446744073709551615,
  "scales": [
    {
      "key": "8_8_40",
      "size": [1024, 1024, 512],
      "resolution": [8.0, 8.0, 40.0],
      "voxel_offset": [0, 0, 0],
      "chunk_sizes": [[64, 64, 64]],
      "encoding": "compressed_segmentation",
      "compressed_segmentation_block_size": [8, 8, 8]
    },
    {
      "key": "16_16_40",
      "size": [512, 512, 512],
      "resolution": [16.0, 16.0, 40.0],
      "chunk_sizes": [[64, 64, 64]],
      "encoding": "raww"
    }
  ]
}
`;

const problems: readonly Problem[] = [
  {
    path: ["scales", 1, "encoding"],
    severity: "error",
    code: "PCV022",
    message: 'unknown encoding: "raww"',
    line: 21,
    fixes: ['Change to "raw"'],
  },
  { path: ["scales", 1], severity: "warning", code: "PCV009", message: "no voxel_offset", line: 16, fixes: [] },
  { path: ["num_channels"], severity: "information", code: "PCV099", message: "one channel", line: 4, fixes: [] },
  { path: [], severity: "hint", code: "PCV098", message: "<b>no markup</b>", line: 1, fixes: [] },
];

let site: MetadataSite;
let host: MetadataHost;

beforeAll(async () => {
  site = await openMetadataSite();
});
afterAll(() => site?.close());
afterEach(async () => {
  const { complaints, page } = host;
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(({ id }) => id));
  await host.close();
  expect(complaints).toEqual([]);
  expect(ids).toEqual([...new Set(ids)]);
});

async function open(options: Partial<HostOptions> = {}): Promise<MetadataHost> {
  host = await openMetadataHost(site, { text: volume, ...options });
  return host;
}

function field(label: string): ReturnType<MetadataHost["page"]["getByLabel"]> {
  return host.page.getByLabel(label, { exact: true });
}

/** Waits for the form to have sent an edit that made this text. */
async function expectText(text: string): Promise<void> {
  await expect.poll(() => host.text).toBe(text);
}

describe("editing", () => {
  it("changes the characters of one value and nothing else, on Enter", async () => {
    await open();
    await field("Size of scale 0").fill("1024, 1000, 512");
    expect(host.requests).toEqual([]);
    await field("Size of scale 0").press("Enter");
    await expectText(volume.replace("1024, 1024, 512", "1024, 1000, 512"));
    expect(host.requests).toEqual([
      {
        name: "edit",
        params: { version: 1, edits: [{ path: ["scales", 0, "size", 1], json: "1000" }], label: "set Size" },
      },
    ]);
  });

  it("commits on leaving a field, adds keys that are absent and removes them when empty", async () => {
    await open();
    await field("Meshes").fill("mesh");
    await field("Skeletons").focus();
    await expectText(volume.replace("  ]\n}\n", '  ],\n  "mesh": "mesh"\n}\n'));
    await field("Meshes").fill("");
    await field("Meshes").press("Enter");
    await expectText(volume);
  });

  it("commits choices at once, with what they need", async () => {
    await open();
    await field("Encoding of scale 1").selectOption("compressed_segmentation");
    await expectText(
      volume.replace('"raww"', '"compressed_segmentation",\n      "compressed_segmentation_block_size": [8, 8, 8]'),
    );
    await expect.poll(() => field("Encoding block of scale 1").inputValue()).toBe("8, 8, 8");
  });

  it("says what is wrong while it is typed, sends nothing, and reverts on Escape", async () => {
    await open();
    const size = field("Size of scale 0");
    await size.fill("1024, 0");
    expect(await host.page.getByRole("alert").filter({ visible: true }).textContent()).toBe(
      "three numbers are needed: x, y, z",
    );
    expect(await size.getAttribute("aria-invalid")).toBe("true");
    await size.press("Enter");
    await size.press("Escape");
    expect(await size.inputValue()).toBe("1024, 1024, 512");
    expect(await size.getAttribute("aria-invalid")).toBe("false");
    expect(host.requests).toEqual([]);
  });

  it("shows changes that were made elsewhere, but not over a text that is being typed", async () => {
    await open();
    await field("Meshes").fill("my me");
    host.setText(volume.replace('"num_channels": 1', '"num_channels": 3').replace("uint64", "uint32"));
    await expect.poll(() => field("Channels").inputValue()).toBe("3");
    expect(await field("Data type").inputValue()).toBe("uint32");
    expect(await field("Meshes").inputValue()).toBe("my me");
  });

  it("tells when the text changed in the meantime, and goes on with the new one", async () => {
    await open();
    host.version = 7;
    await field("Channels").fill("2");
    await field("Channels").press("Enter");
    await host.page.getByText("The text changed in the meantime; try again").waitFor();
    host.setText(volume);
    await field("Channels").press("Enter");
    await expectText(volume.replace('"num_channels": 1', '"num_channels": 2'));
    await expect.poll(() => host.page.getByText("The text changed").isVisible()).toBe(false);
  });

  it("makes quick edits one after the other", async () => {
    await open();
    const add = host.page.getByRole("button", { name: "Add Scale" });
    await add.click();
    await add.click();
    await add.click();
    await expect.poll(() => host.page.locator("table.scales tbody").count()).toBe(5);
    expect(JSON.parse(host.text).scales.map((scale: { key: string }) => scale.key)).toEqual([
      "8_8_40",
      "16_16_40",
      "32.0_32.0_40.0",
      "64.0_64.0_40.0",
      "128.0_128.0_40.0",
    ]);
    expect(host.text).toContain("18446744073709551615");
  });

  it("duplicates, moves and removes scales", async () => {
    await open();
    const keys = (): string[] => JSON.parse(host.text).scales.map((scale: { key: string }) => scale.key);
    await host.page.getByRole("button", { name: "Duplicate scale 0" }).click();
    await expect.poll(keys).toEqual(["8_8_40", "8_8_40_copy", "16_16_40"]);
    await host.page.getByRole("button", { name: "Move scale 2 up" }).click();
    await expect.poll(keys).toEqual(["8_8_40", "16_16_40", "8_8_40_copy"]);
    await host.page.getByRole("button", { name: "Remove scale 2" }).click();
    await expectText(volume);
    expect(await host.page.getByRole("button", { name: "Move scale 0 up" }).isDisabled()).toBe(true);
  });
});

describe("problems", () => {
  it("stand at their fields and in the summary, and are text", async () => {
    await open({ problems });
    const encoding = field("Encoding of scale 1");
    expect(await encoding.getAttribute("aria-invalid")).toBe("true");
    expect(await encoding.getAttribute("aria-describedby")).toBe("problem-0");
    expect(await host.page.locator("#problem-0").textContent()).toBe(
      'Error: unknown encoding: "raww" PCV022 Change to "raw"',
    );
    expect(await field("Channels").getAttribute("aria-describedby")).toBe("problem-2");
    expect(await host.page.locator("details > summary").textContent()).toBe("1 error, 1 warning, 1 note, 1 hint");
    expect(await host.page.getByRole("button", { name: "<b>no markup</b>" }).isVisible()).toBe(true);
  });

  it("lead from the summary to the field, or to the JSON where there is none", async () => {
    await open({ problems });
    await host.page.getByRole("button", { name: 'unknown encoding: "raww"' }).click();
    expect(await host.page.evaluate(() => document.activeElement?.id)).toBe("field-scales-1-encoding");
    await host.page.getByRole("button", { name: "<b>no markup</b>" }).click();
    await expect.poll(() => host.requests).toEqual([{ name: "revealJson", params: { path: [] } }]);
  });

  it("are fixed by a click", async () => {
    await open({ problems });
    await host.page.locator("#problem-0").getByRole("button", { name: 'Change to "raw"' }).click();
    await expect
      .poll(() => host.requests)
      .toEqual([{ name: "applyFix", params: { problem: 0, fix: 0, title: 'Change to "raw"' } }]);
    host.setProblems([]);
    await expect.poll(() => host.page.locator("details").isVisible()).toBe(false);
    expect(await field("Encoding of scale 1").getAttribute("aria-invalid")).toBe("false");
  });

  it("are marked in the JSON, as is the value that has the focus", async () => {
    await open({ problems });
    const marked = (name: string): Promise<string[]> => host.page.locator(`.line.${name}`).allTextContents();
    expect(await marked("has-error")).toEqual(['      "encoding": "raww"\n']);
    await field("Resolution of scale 0").focus();
    expect(await marked("is-focused")).toEqual(['      "resolution": [8.0, 8.0, 40.0],\n']);
  });
});

describe("broken JSON", () => {
  const broken = volume.replace('"uint64",', '"uint64"');

  it("is told with its place; fields elsewhere are edited, and edits at the error refused", async () => {
    await open({ text: broken });
    await host.page.getByText("Fix the JSON first: expected a comma at line 4, column 3.").waitFor();
    await field("Key of scale 0").fill("a");
    await field("Key of scale 0").press("Enter");
    await expectText(broken.replace("8_8_40", "a"));
    await field("Meshes").fill("mesh");
    await field("Meshes").press("Enter");
    await host.page.getByRole("alert").filter({ hasText: "Fix the JSON first: expected a comma" }).waitFor();
    expect(host.text).toBe(broken.replace("8_8_40", "a"));
  });

  it("that cannot be read leaves the JSON to look at", async () => {
    await open({ text: "oops" });
    await host.page.getByRole("heading", { name: "Nothing to show" }).waitFor();
    expect(await host.page.locator(".line").allTextContents()).toEqual(["oops\n"]);
    host.setText(volume);
    await host.page.getByRole("heading", { name: "Scales" }).waitFor();
  });
});

describe("documents without a form", () => {
  it("of another kind are listed", async () => {
    await open({ text: '{"@type":"neuroglancer_legacy_mesh","mip":2,"spatial_index":{"a":18446744073709551615}}' });
    expect(await host.page.locator("dl.extras:visible").textContent()).toContain('{"a":18446744073709551615}');
    await host.page.getByRole("button", { name: 'Edit "mip" in the JSON' }).click();
    await expect.poll(() => host.requests).toEqual([{ name: "revealJson", params: { path: ["mip"] } }]);
  });

  it("that are no info say so", async () => {
    await open({ text: '{"a":1}' });
    await host.page.getByRole("heading", { name: "Not the info of a volume" }).waitFor();
  });
});

describe("the page", () => {
  it("cannot be edited when the document is read-only", async () => {
    await open({ isReadOnly: true });
    await host.page.getByText("This document is read-only").waitFor();
    expect(await field("Channels").evaluate((input) => (input as HTMLInputElement).readOnly)).toBe(true);
    expect(await field("Type").isDisabled()).toBe(true);
    expect(await host.page.getByRole("button", { name: /Add Scale|Remove scale/ }).count()).toBe(0);
  });

  it("asks for slices and for the JSON beside", async () => {
    await open();
    await host.page.getByRole("button", { name: "Preview Slices" }).click();
    await host.page.getByRole("banner").getByRole("button", { name: "Open JSON Beside" }).click();
    await expect.poll(() => host.requests.map(({ name }) => name)).toEqual(["previewSlices", "revealJson"]);
  });

  it("keeps what was hidden over a reload", async () => {
    await open();
    await host.page.getByRole("button", { name: "Hide JSON" }).click();
    await host.page.reload();
    await host.page.getByRole("heading", { name: "Scales" }).waitFor();
    expect(await host.page.locator(".json-pane").isVisible()).toBe(false);
  });

  it("stands beside the JSON where there is room, above it where not", async () => {
    await open();
    const boxes = async (): Promise<boolean> => {
      const form = await host.page.locator("main").boundingBox();
      const json = await host.page.locator(".json-pane").boundingBox();
      return (json?.x ?? 0) >= (form?.x ?? 0) + (form?.width ?? 0);
    };
    expect(await boxes()).toBe(true);
    await host.page.setViewportSize({ width: 800, height: 700 });
    expect(await boxes()).toBe(false);
  });

  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast"])("can be read in %s", async (theme) => {
    await open({ theme, problems });
    const contrasts = await host.page.evaluate(contrastsOfText);
    expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    expect(contrasts.length).toBeGreaterThan(30);
  });

  it("reads well to a screen reader", async () => {
    await open({ problems });
    expect(await host.page.locator("main").ariaSnapshot()).toMatchSnapshot();
    expect(await host.page.getByRole("banner").ariaSnapshot()).toMatchSnapshot();
  });
});

/** Runs in the page: contrast of each visible text with the nearest opaque background. */
function contrastsOfText(): { readonly text: string; readonly ratio: number }[] {
  const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((part) =>
      part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const backgroundOf = (element: Element | null): number[] => {
    const parts = element === null ? [0, 0, 0] : parse(getComputedStyle(element).backgroundColor);
    return parts[3] === undefined || parts[3] === 1 ? parts : backgroundOf(element?.parentElement ?? null);
  };
  return [
    ...document.querySelectorAll(
      "h1, h2, label, input, select, th, .facts, .problem-message, .problem-code, .fix, .badge, .line span",
    ),
  ]
    .filter((element) => element.getClientRects().length > 0 && !element.matches(":disabled"))
    .map((element) => {
      const background = backgroundOf(element);
      const [r = 0, g = 0, b = 0, alpha = 1] = parse(getComputedStyle(element).color);
      const color = [r, g, b].map((part, at) => part * alpha + (background[at] ?? 0) * (1 - alpha));
      const [light = 0, dark = 0] = [luminance(color), luminance(background)].sort((one, other) => other - one);
      return { text: element.textContent ?? "", ratio: (light + 0.05) / (dark + 0.05) };
    });
}
