import { mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bbox } from "../../../../server/src/base/bbox.ts";
import { type CloudVolume, createEngine, type Engine } from "../../../../server/src/index.ts";

let engine: Engine;
let folder: string;
let nextLayer = 0;

beforeAll(() => {
  engine = createEngine({ workers: 2 });
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-engine-"));
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const scale = {
  key: "8_8_40",
  size: [70, 50, 20],
  voxel_offset: [3, -4, 5],
  resolution: [8, 8, 40],
  chunk_sizes: [[32, 16, 8]],
  encoding: "raw",
};
const infoOf = (changes: object = {}, scaleChanges: object = {}) => ({
  type: "image",
  data_type: "uint16",
  num_channels: 1,
  scales: [{ ...scale, ...scaleChanges }],
  ...changes,
});
const whole = bbox([3, -4, 5], [73, 46, 25]);

/** A local layer: the stores of files are the ones that worker threads read. */
async function layer(info: object = infoOf()): Promise<{ vol: CloudVolume; location: string }> {
  const location = path.join(folder, `layer${nextLayer++}`);
  return { vol: await engine.createVolume(location, info), location };
}

/** The value that voxel (x, y, z) of the pattern has. */
const valueAt = (x: number, y: number, z: number): number => (x + 4) * 7 + (y + 5) * 600 + z * 13;

function pattern(box = whole): Uint16Array {
  const values: number[] = [];
  for (let z = box.min[2]; z < box.max[2]; z++) {
    for (let y = box.min[1]; y < box.max[1]; y++) {
      for (let x = box.min[0]; x < box.max[0]; x++) {
        values.push(valueAt(x, y, z));
      }
    }
  }
  return Uint16Array.from(values);
}

it("reads a box across chunks in Fortran order, in worker threads and inline", async () => {
  const { vol } = await layer();
  await vol.upload(whole, { data: pattern() });
  const across = bbox([20, 0, 6], [70, 40, 24]);
  const cutout = await vol.download(across);
  expect(cutout).toMatchObject({ shape: [50, 40, 18, 1], dtype: "uint16", bbox: across, mip: 0, order: "F" });
  expect(
    Buffer.from(cutout.data.buffer, cutout.data.byteOffset, cutout.data.byteLength).equals(
      Buffer.from(pattern(across).buffer),
    ),
  ).toBe(true);
  const one = await vol.download(bbox([40, 13, 14], [41, 14, 15]));
  expect([...one.data]).toEqual([valueAt(40, 13, 14)]);
});

it("names the objects as the format does, clipped at the bounds, gzipped by default", async () => {
  const { vol, location } = await layer();
  await vol.upload(bbox([67, 44, 21], [73, 46, 25]), { data: pattern(bbox([67, 44, 21], [73, 46, 25])) });
  expect(readdirSync(path.join(location, "8_8_40"))).toEqual(["67-73_44-46_21-25.gz"]);
});

describe("missing chunks", () => {
  it("fail, with the chunk and what to do", async () => {
    const { vol, location } = await layer();
    await expect(vol.download()).rejects.toMatchObject({
      tag: "not_found",
      fields: {
        location: `file://${location}`,
        chunk: expect.stringMatching(/^8_8_40\//),
        hint: expect.stringContaining("fill"),
      },
    });
  });

  it("are background when told so", async () => {
    const { vol } = await layer();
    await vol.upload(bbox([3, -4, 5], [35, 12, 13]), { data: pattern(bbox([3, -4, 5], [35, 12, 13])) });
    const { data } = await vol.download(undefined, { fillMissing: true, background: 513 });
    expect(data[0]).toBe(valueAt(3, -4, 5));
    expect(data[69]).toBe(513);
    expect(data.at(-1)).toBe(513);
  });
});

describe("a box beyond the bounds", () => {
  it("fails with the bounds", async () => {
    const { vol } = await layer();
    await expect(vol.download(bbox([2, 0, 5], [10, 1, 6]))).rejects.toMatchObject({
      tag: "out_of_bounds",
      fields: { hint: "the bounds of mip 0 are 3-73_-4-46_5-25" },
    });
  });

  it("is background outside when reading is not bounded", async () => {
    const { vol } = await layer();
    await vol.upload(whole, { data: pattern() });
    const { data } = await vol.download(bbox([1, -4, 5], [5, -3, 6]), { bounded: false, background: 9 });
    expect([...data]).toEqual([9, 9, valueAt(3, -4, 5), valueAt(4, -4, 5)]);
    const outside = await vol.download(bbox([-100, 0, 0], [-98, 1, 1]), { bounded: false, background: 9 });
    expect([...outside.data]).toEqual([9, 9]);
  });

  it("may be empty or fractional for nobody", async () => {
    const { vol } = await layer();
    await expect(vol.download(bbox([3, 0, 5], [3, 1, 6]))).rejects.toMatchObject({ tag: "invalid_argument" });
    await expect(vol.download(bbox([3.5, 0, 5], [5, 1, 6]))).rejects.toMatchObject({ tag: "invalid_argument" });
  });
});

it("refuses a mip that is not there", async () => {
  const { vol, location } = await layer();
  await expect(vol.download(undefined, { mip: 1 })).rejects.toMatchObject({ tag: "out_of_bounds" });
  await expect(engine.openVolume(location, { mip: -2 })).rejects.toMatchObject({ tag: "out_of_bounds" });
  expect((await engine.openVolume(location, { mip: -1 })).mip).toBe(0);
});

describe("memory", () => {
  // 640 x 512 x 20 x 2 bytes = 13 MB: beyond what is copied into plain memory.
  const large = infoOf({}, { size: [640, 512, 20], voxel_offset: [0, 0, 0], chunk_sizes: [[64, 64, 20]] });

  it("is new for every result, and used again only after a release", async () => {
    const { vol } = await layer(large);
    const first = await vol.download(undefined, { fillMissing: true, background: 1 });
    const second = await vol.download(undefined, { fillMissing: true, background: 2 });
    expect(second.data.buffer).not.toBe(first.data.buffer);
    expect([first.data[0], second.data[0]]).toEqual([1, 2]);
    const { buffer } = first.data;
    first.release();
    first.release();
    expect(() => first.data).toThrow("released");
    const third = await vol.download(undefined, { fillMissing: true, background: 3 });
    expect(third.data.buffer).toBe(buffer);
    expect(new Set(third.data as Uint16Array)).toEqual(new Set([3]));
    expect(second.data[0]).toBe(2);
  });

  it("that was used before shows nothing of it where chunks are missing or outside the bounds", async () => {
    const { vol } = await layer(large);
    const first = await vol.download(undefined, { fillMissing: true, background: 65535 });
    first.release();
    const second = await vol.download(bbox([0, 0, 0], [640, 512, 21]), { fillMissing: true, bounded: false });
    expect(new Set(second.data as Uint16Array)).toEqual(new Set([0]));
  });
});

describe("cancelling", () => {
  it("rejects before anything is read", async () => {
    const { vol } = await layer();
    const started = engine.executor.counters.started;
    await expect(vol.download(undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({ tag: "cancelled" });
    expect(engine.executor.counters.started).toBe(started);
  });

  it("stops a read that runs in worker threads", async () => {
    const { vol } = await layer(
      infoOf({}, { size: [512, 512, 512], voxel_offset: [0, 0, 0], chunk_sizes: [[8, 8, 8]] }),
    );
    const cancel = new AbortController();
    const reading = vol.download(undefined, {
      fillMissing: true,
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    await expect(reading).rejects.toMatchObject({ tag: "cancelled" });
    expect(engine.executor.counters.active).toBe(0);
  });
});

it("reports progress up to the last chunk", async () => {
  const { vol } = await layer();
  await vol.upload(whole, { data: pattern() });
  const seen: number[] = [];
  await vol.download(undefined, { onProgress: ({ chunksDone, chunksTotal }) => seen.push(chunksDone / chunksTotal) });
  expect(seen.at(-1)).toBe(1);
});

it("carries location, chunk and codec in the error of a broken chunk", async () => {
  const { vol, location } = await layer();
  await vol.upload(whole, { data: pattern() }, { compress: false });
  truncateSync(path.join(location, "8_8_40", "35-67_12-28_13-21"), 100);
  await expect(vol.download()).rejects.toMatchObject({
    tag: "invalid_chunk",
    fields: { location: `file://${location}`, chunk: "8_8_40/35-67_12-28_13-21", codec: "raw", mip: 0 },
  });
});

describe("writing", () => {
  it("refuses boxes that are not made of whole chunks, and says which are", async () => {
    const { vol } = await layer();
    const box = bbox([4, -4, 5], [35, 12, 13]);
    await expect(vol.upload(box, { data: pattern(box) })).rejects.toMatchObject({
      tag: "unaligned_write",
      fields: { hint: expect.stringContaining("3-35_-4-12_5-13") },
    });
  });

  it("refuses another dtype, size or shape", async () => {
    const { vol } = await layer();
    const box = bbox([3, -4, 5], [35, 12, 13]);
    await expect(vol.upload(box, { data: new Uint8Array(4096) })).rejects.toMatchObject({ tag: "invalid_argument" });
    await expect(vol.upload(box, { data: new Uint16Array(4095) })).rejects.toMatchObject({ tag: "invalid_argument" });
    await expect(vol.upload(box, { data: new Uint16Array(4096), shape: [16, 32, 8] })).rejects.toMatchObject({
      tag: "invalid_argument",
    });
  });

  it("refuses a locked mip", async () => {
    const { vol } = await layer(infoOf({}, { locked: true }));
    await expect(vol.upload(whole, { data: pattern() })).rejects.toMatchObject({ tag: "read_only" });
  });

  it("does not replace a layer unless told to", async () => {
    const { location } = await layer();
    await expect(engine.createVolume(location, infoOf())).rejects.toMatchObject({ tag: "conflict" });
    await engine.createVolume(location, infoOf({ num_channels: 2 }), { overwrite: true });
    expect((await engine.openVolume(location)).channels).toBe(2);
  });
});

it("keeps provenance beside the info", async () => {
  const location = path.join(folder, "provenance");
  const vol = await engine.createVolume(location, infoOf(), {
    provenance: { description: "made here", owners: ["a@example.org"] },
  });
  expect(await vol.provenance()).toEqual({
    description: "made here",
    owners: ["a@example.org"],
    sources: [],
    processing: [],
  });
});

it("reads a volume in memory, which no other thread can see", async () => {
  const vol = await engine.createVolume("mem://bucket/layer", infoOf());
  await vol.upload(whole, { data: pattern() });
  const cutout = await vol.download();
  expect(
    Buffer.from(cutout.data.buffer, cutout.data.byteOffset, cutout.data.byteLength).equals(
      Buffer.from(pattern().buffer),
    ),
  ).toBe(true);
});
