import { describe, expect, it } from "vitest";
import { untranslated as t } from "../../../../client/src/base/l10n.ts";
import {
  bytesText,
  chunksText,
  describeLayer,
  describeScale,
  isVolume,
  layerDetails,
  layerIcon,
  scaleDetails,
} from "../../../../client/src/explorer/format.ts";
import type { LayerSummary, ScaleSummary } from "../../../../schemas/protocol/storage.ts";

const scale: ScaleSummary = {
  key: "8_8_40",
  size: [1024, 1024, 512],
  resolutionNm: [8, 8, 40],
  encoding: "jpeg",
  isSharded: false,
  chunkCount: 83_214,
};
const layer: LayerSummary = { kind: "segmentation", dtype: "uint64", channels: 1, scales: [scale] };

describe("layers in words", () => {
  it("says kind, data type, size and resolution of the finest scale", () => {
    expect(describeLayer(layer, t)).toBe("segmentation · uint64 · 1024×1024×512 · 8×8×40 nm");
  });

  it("says the kind alone where there is no more", () => {
    expect(describeLayer({ kind: "skeletons" }, t)).toBe("skeletons");
  });

  it("names the problem and the folders that belong to the layer among the details", () => {
    const details = layerDetails({ ...layer, references: { mesh: "mesh_lod" }, problem: "scales is missing" }, t);
    expect(details).toContainEqual(["mesh", "mesh_lod"]);
    expect(details).toContainEqual(["Problem", "scales is missing"]);
    expect(details).toContainEqual(["Extent", "8.19 × 8.19 × 20.5 µm"]);
  });

  it("marks a layer with a problem", () => {
    expect(layerIcon(layer)).toBe("symbol-color");
    expect(layerIcon({ ...layer, problem: "x" })).toBe("warning");
  });

  it("knows what has slices", () => {
    expect((["image", "segmentation", "mesh", "unknown"] as const).map((kind) => isVolume({ kind }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("scales in words", () => {
  it("says size, resolution, encoding and how many chunks there are", () => {
    expect(describeScale(scale, t)).toBe("1024×1024×512 · 8×8×40 nm · jpeg · 83,214 chunks");
  });

  it("says that a scale is sharded", () => {
    expect(describeScale({ ...scale, chunkCount: 1, isSharded: true }, t)).toMatch(/ · 1 chunk · sharded$/);
  });

  it("lists the details", () => {
    expect(scaleDetails(scale, t).map(([label]) => label)).toEqual([
      "Key",
      "Size",
      "Resolution",
      "Extent",
      "Encoding",
      "Chunks",
      "Storage",
    ]);
  });

  it("does not show rounding noise in resolutions", () => {
    expect(describeScale({ ...scale, resolutionNm: [0.1 + 0.2, 8, 40] }, t)).toContain("0.3×8×40 nm");
  });
});

describe("counts", () => {
  it("says when more were there than were counted", () => {
    expect(chunksText(5000, t, true)).toBe("more than 5,000 chunks");
  });

  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1400, "1.4 kB"],
    [12_345_678, "12 MB"],
  ])("shows %i bytes as %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
