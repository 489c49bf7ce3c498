import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStatus } from "../../schemas/protocol/server.ts";
import { listFolder } from "../../schemas/protocol/storage.ts";
import { closeVolume, openVolume, probeVoxel, readTile } from "../../schemas/protocol/volume.ts";
import { bbox } from "../../server/src/base/bbox.ts";
import { createEngine } from "../../server/src/index.ts";
import { type BulkClient, connectBulk, type ServerProcess, startServer } from "./serverProcess.ts";

let server: ServerProcess;
let bulk: BulkClient;
let folder: string;
let nextStream = 1;

/** 300 x 40 x 20 labels above 2^53, chunks of 64; the chunk at the far corner is missing. */
const labelAt = (x: number, y: number, z: number): bigint =>
  2n ** 60n + BigInt(Math.floor(x / 10) + 100 * Math.floor(y / 10) + 10_000 * z);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-protocol-"));
  const engine = createEngine({ workers: 1 });
  const vol = await engine.createVolume(path.join(folder, "labels"), {
    type: "segmentation",
    data_type: "uint64",
    num_channels: 1,
    scales: [
      {
        key: "8_8_40",
        size: [300, 40, 20],
        voxel_offset: [10, 0, 5],
        resolution: [8, 8, 40],
        chunk_sizes: [[64, 64, 64]],
        encoding: "compressed_segmentation",
        compressed_segmentation_block_size: [8, 8, 8],
      },
    ],
  });
  const box = bbox([10, 0, 5], [266, 40, 25]);
  const data = new BigUint64Array(256 * 40 * 20);
  for (let i = 0; i < data.length; i++) {
    data[i] = labelAt(10 + (i % 256), Math.floor(i / 256) % 40, 5 + Math.floor(i / 10_240));
  }
  await vol.upload(box, { data });
  await engine.dispose();
  server = await startServer();
  bulk = await connectBulk(server);
});
afterAll(async () => {
  bulk.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(location = path.join(folder, "labels")): Promise<number> {
  return (await server.request(openVolume, { location })).handle;
}

it("describes a volume with its scales", async () => {
  const volume = await server.request(openVolume, { location: path.join(folder, "labels") });
  expect(volume).toMatchObject({
    name: "labels",
    layerType: "segmentation",
    dtype: "uint64",
    channels: 1,
    scales: [{ key: "8_8_40", min: [10, 0, 5], max: [310, 40, 25], chunkSize: [64, 64, 64], resolutionNm: [8, 8, 40] }],
  });
});

describe("a tile", () => {
  it("carries exact labels over the bulk channel, and says which part is missing", async () => {
    const handle = await open();
    const stream = nextStream++;
    const tile = await server.request(readTile, { handle, mip: 0, plane: "xy", slice: 7, u: 0, v: 0, stream });
    const bytes = await bulk.bytesOf(stream);
    expect(tile).toMatchObject({
      width: 256,
      height: 40,
      encoding: "idx16",
      dtype: "uint64",
      byteLength: bytes.length,
      missing: [],
    });
    const indices = new Uint16Array(bytes.buffer, bytes.byteOffset, 256 * 40);
    const table = new BigUint64Array(
      bytes.buffer.slice(bytes.byteOffset + 256 * 40 * 2, bytes.byteOffset + bytes.length),
    );
    expect(table[indices[3 * 256 + 100] as number]).toBe(labelAt(110, 3, 7));
    const next = nextStream++;
    const right = await server.request(readTile, { handle, mip: 0, plane: "xy", slice: 7, u: 1, v: 0, stream: next });
    expect(right).toMatchObject({ width: 44, height: 40, missing: [[0, 0, 44, 40]] });
  });

  it.each([
    ["xz", 256, 20],
    ["yz", 40, 20],
  ] as const)("of the %s plane has its two axes", async (plane, width, height) => {
    const handle = await open();
    const stream = nextStream++;
    const tile = await server.request(readTile, { handle, mip: 0, plane, slice: 12, u: 0, v: 0, stream });
    expect(tile).toMatchObject({ width, height });
    expect((await bulk.bytesOf(stream)).length).toBe(tile.byteLength);
  });

  it("outside the bounds is an error on both ways", async () => {
    const handle = await open();
    const stream = nextStream++;
    const asked = server.request(readTile, { handle, mip: 0, plane: "xy", slice: 25, u: 0, v: 0, stream });
    await expect(asked).rejects.toMatchObject({ data: { tag: "out_of_bounds" } });
    await expect(bulk.bytesOf(stream)).rejects.toMatchObject({ tag: "out_of_bounds" });
  });
});

it("answers single voxels exactly, and nothing outside or where a chunk is missing", async () => {
  const handle = await open();
  const at = (x: number, y: number, z: number) => server.request(probeVoxel, { handle, mip: 0, position: [x, y, z] });
  expect(await at(133, 21, 9)).toEqual({ values: [String(labelAt(133, 21, 9))] });
  expect(await at(300, 21, 9)).toEqual({});
  expect(await at(9, 0, 5)).toEqual({});
});

describe("cancelling", () => {
  /** A web server whose chunks never come; it counts who asked and who gave up. */
  async function stuckServer() {
    const waiting = new Set<http.ServerResponse>();
    const info = {
      type: "image",
      data_type: "uint8",
      num_channels: 1,
      scales: [
        { key: "1_1_1", size: [64, 64, 64], resolution: [1, 1, 1], chunk_sizes: [[64, 64, 64]], encoding: "raw" },
      ],
    };
    let asked = (): void => undefined;
    let left = (): void => undefined;
    const events = {
      asked: new Promise<void>((resolve) => (asked = resolve)),
      left: new Promise<void>((resolve) => (left = resolve)),
    };
    const stuck = http.createServer((request, response) => {
      if (request.url?.endsWith("/info")) {
        response.end(JSON.stringify(info));
        return;
      }
      waiting.add(response);
      response.on("close", left);
      asked();
    });
    await new Promise<void>((resolve) => stuck.listen(0, "127.0.0.1", resolve));
    return {
      location: `http://127.0.0.1:${(stuck.address() as AddressInfo).port}/layer`,
      events,
      close: () => {
        stuck.closeAllConnections();
        stuck.close();
      },
    };
  }

  it.each(["the request", "the stream", "the volume"])("%s stops the chunk read", async (what) => {
    const stuck = await stuckServer();
    const handle = await open(stuck.location);
    const stream = nextStream++;
    const cancel = new AbortController();
    const reading = server.request(
      readTile,
      { handle, mip: 0, plane: "xy", slice: 0, u: 0, v: 0, stream },
      cancel.signal,
    );
    reading.catch(() => undefined);
    await stuck.events.asked;
    if (what === "the request") {
      cancel.abort();
    } else if (what === "the stream") {
      bulk.cancel(stream);
    } else {
      await server.connection.sendNotification(closeVolume.method, { handle });
    }
    await expect(reading).rejects.toMatchObject({ code: -32800 });
    await stuck.events.left;
    await expect.poll(async () => (await server.request(readStatus, {})).activeReads).toBe(0);
    stuck.close();
  });
});

describe("bad input", () => {
  it("is an error with its tag, and the server lives on", async () => {
    writeFileSync(path.join(folder, "info"), "not json");
    await expect(open(folder)).rejects.toMatchObject({ code: -32012, data: { tag: "invalid_metadata" } });
    await expect(open(path.join(folder, "nothing"))).rejects.toMatchObject({ data: { tag: "not_found" } });
    await expect(open("nonsense://x")).rejects.toMatchObject({
      data: { tag: expect.stringMatching(/invalid_location|unsupported/) },
    });
    await expect(open(5 as unknown as string)).rejects.toMatchObject({ data: { tag: "invalid_argument" } });
    await expect(server.request(probeVoxel, { handle: 999, mip: 0, position: [0, 0, 0] })).rejects.toMatchObject({
      data: { tag: "not_found" },
    });
    await expect(
      server.request(readTile, { handle: 1, mip: 0, plane: "zz" as "xy", slice: 0, u: 0, v: 0, stream: 1 }),
    ).rejects.toMatchObject({ data: { tag: "invalid_argument" } });
    expect((await server.request(readStatus, {})).pid).toBe(server.process.pid);
  });

  it("of an unknown method is refused", async () => {
    await expect(server.connection.sendRequest("cloudvolume/volume/nothing", {})).rejects.toMatchObject({
      code: -32601,
    });
  });
});

it("lists a folder with its layers", async () => {
  const { entries } = await server.request(listFolder, { location: folder });
  expect(entries.find(({ name }) => name === "labels")).toMatchObject({
    kind: "folder",
    layer: { kind: "segmentation", dtype: "uint64" },
  });
});
