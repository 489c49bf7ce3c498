import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bbox, createEngine } from "../../../../server/src/index.ts";
import { averagePyramid, modePyramid } from "../../../../server/src/sample/downsample.ts";
import { writeSample } from "../../../../server/src/sample/writeSample.ts";

const maxBytes = 8_000_000;
const marker = ".cloudvolume-sample.json";
const root = mkdtempSync(path.join(tmpdir(), "cloudvolume-sample-"));
const folder = path.join(root, "sample");
const engine = createEngine({ workers: 1 });

const told: [done: number, total: number][] = [];

beforeAll(async () => {
  await writeSample(folder, { onProgress: (...progress) => told.push(progress) });
});
afterAll(async () => {
  await engine.dispose();
  rmSync(root, { recursive: true });
});

function filesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(directory, entry.name);
    return entry.isDirectory() ? filesOf(name) : [name];
  });
}

/** Paths and contents. */
const hashesOf = (directory: string): string[] =>
  filesOf(directory)
    .sort()
    .map((file) => `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`);

const open = (layer: string) => engine.openVolume(path.join(folder, layer));
const sliceOf = ({ min, max }: Bbox, z: number): Bbox => ({
  min: [min[0], min[1], z],
  max: [max[0], max[1], z + 1],
});

describe("the sample", () => {
  it("stays under 8 MB", () => {
    const bytes = filesOf(folder).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(maxBytes);
  });

  it.each([
    ["image", "image", "uint8", "jpeg"],
    ["image_raw", "image", "uint8", "raw"],
    ["segmentation", "segmentation", "uint64", "compressed_segmentation"],
  ])("has the layer %s, with three mips and a provenance", async (layer, type, dtype, encoding) => {
    const volume = await open(layer);
    expect([volume.layerType, volume.dtype, volume.channels]).toEqual([type, dtype, 1]);
    expect(volume.scales.map((scale) => scale.encoding)).toEqual([encoding, encoding, encoding]);
    expect(volume.scales.map((scale) => scale.resolutionNm)).toEqual([
      [8, 8, 40],
      [16, 16, 40],
      [32, 32, 40],
    ]);
    expect((await volume.provenance()).description).toContain("ynthetic");
  });

  it("has every chunk of every mip", async () => {
    for (const layer of ["image", "image_raw", "segmentation"]) {
      const volume = await open(layer);
      for (const mip of [0, 1, 2]) {
        using cutout = await volume.download(undefined, { mip, fillMissing: false });
        expect(cutout.data.length).toBeGreaterThan(0);
      }
    }
  });

  it("has labels above 2^53, and background between them", async () => {
    using cutout = await (await open("segmentation")).download(undefined, { mip: 2 });
    const labels = new Set(cutout.data as BigUint64Array);
    expect(labels.delete(0n)).toBe(true);
    expect(labels.size).toBeGreaterThan(100);
    expect([...labels].every((label) => label > 2n ** 53n)).toBe(true);
  });

  it("has mips of labels by the mode, and of the image by the mean", async () => {
    const z = 17;
    const labels = await open("segmentation");
    using fine = await labels.download(sliceOf(labels.bounds(0), z), { mip: 0 });
    const [width, height] = fine.shape;
    for (const [level, plane] of modePyramid({ width, height, voxels: fine.data as BigUint64Array }, 2).entries()) {
      using coarse = await labels.download(sliceOf(labels.bounds(level + 1), z), { mip: level + 1 });
      expect(coarse.data).toEqual(plane.voxels);
    }
    const image = await open("image_raw");
    using pixels = await image.download(sliceOf(image.bounds(0), z), { mip: 0 });
    const plane = { width: pixels.shape[0], height: pixels.shape[1], voxels: pixels.data as Uint8Array };
    for (const [level, { voxels }] of averagePyramid(plane, 2).entries()) {
      using coarse = await image.download(sliceOf(image.bounds(level + 1), z), { mip: level + 1 });
      expect(Buffer.compare(coarse.data as Uint8Array, voxels)).toBe(0);
    }
  });

  it("shows the same tissue in both images", async () => {
    const raw = await open("image_raw");
    using exact = await raw.download(sliceOf(raw.bounds(0), 30));
    using lossy = await (await open("image")).download(exact.bbox);
    const differences = (exact.data as Uint8Array).map((value, at) => Math.abs(value - Number(lossy.data[at])));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(8);
  });

  it("is kept when it is complete, and written again, with the same bytes, when it is not", async () => {
    const file = path.join(folder, "segmentation/info");
    const before = statSync(file).mtimeMs;
    await writeSample(folder);
    expect(statSync(file).mtimeMs).toBe(before);
    const untouched = hashesOf(folder);
    rmSync(path.join(folder, marker));
    rmSync(path.join(folder, "segmentation/8_8_40"), { recursive: true });
    await writeSample(folder);
    expect(hashesOf(folder)).toEqual(untouched);
  });

  it("tells how many chunks are written", () => {
    const chunks = 3 * (36 + 9 + 4) + 3 * (16 + 4 + 1) + 3 * (36 + 9 + 4);
    expect(told.map(([done]) => done)).toEqual(Array.from({ length: chunks }, (_, i) => i + 1));
    expect(new Set(told.map(([, total]) => total))).toEqual(new Set([chunks]));
  });

  it("leaves no marker behind when it is cancelled", async () => {
    const cancelled = path.join(root, "cancelled");
    const cancel = new AbortController();
    const writing = writeSample(cancelled, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(writing).rejects.toMatchObject({ tag: "cancelled" });
    expect(existsSync(path.join(cancelled, marker))).toBe(false);
  });

  it("does not write over a layer of someone else's", async () => {
    const foreign = path.join(root, "foreign");
    mkdirSync(path.join(foreign, "image"), { recursive: true });
    writeFileSync(path.join(foreign, "image/info"), "{}");
    await expect(writeSample(foreign)).rejects.toMatchObject({ tag: "conflict" });
  });

  it("goes into local folders only", async () => {
    await expect(writeSample("https://example.org/sample")).rejects.toMatchObject({ tag: "invalid_argument" });
  });
});
