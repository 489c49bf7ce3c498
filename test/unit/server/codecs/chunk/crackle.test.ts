/** crackle: the contract of codecs over streams of the reference writer (crackle-codec 0.55.0), and the golden volumes. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../../../../server/src/base/vec3.ts";
import { crackleCodec } from "../../../../../server/src/codecs/chunk/crackle.ts";
import { describeCrackle } from "../../../../../server/src/codecs/chunk/crackleStream.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { InvalidArgumentError, InvalidChunkError } from "../../../../../server/src/errors.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { labelQueriesSuite } from "../../../../conformance/labelQueries.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

type LabelOf = (x: number, y: number, z: number) => bigint | number;

function fill(dtype: DataType, size: Vec3, labelOf: LabelOf): Uint8Array {
  const voxels = voxelView(dtype, new ArrayBuffer(product(size) * 8), 0, product(size));
  for (let i = 0; i < voxels.length; i++) {
    const value = labelOf(i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1]));
    voxels[i] = voxels instanceof BigUint64Array ? BigInt(value) : Number(value);
  }
  return new Uint8Array(voxels.buffer, 0, voxels.byteLength);
}

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const size: Vec3 = [11, 7, 3];

function known(title: string, dtype: DataType, labelOf: LabelOf, base64: string): KnownChunk {
  const chunk: ChunkDescription = { size, dtype, channels: 1, parameters: {} };
  return { title, chunk, encoded: bytesOf(base64), voxels: fill(dtype, size, labelOf) };
}

/** A ring with a hole in its corner, two single regions that touch at one, and in one slice a column at the border. */
const rings: LabelOf = (x, y, z) => {
  if (x >= 2 && x < 6 && y >= 1 && y < 5 && !(x === 3 && y === 2)) {
    return 200;
  }
  return (x === 8 && (y === 2 || y === 3)) || (x === 9 && y === 4) ? 7 : x === 10 && z === 1 ? 9 : 0;
};
const blocks: LabelOf = (x, y, z) => (Math.floor(x / 3) * 5 + Math.floor(y / 4) * 3 + z) % 6;

const flat = bytesOf(
  "Y3JrbAGAAAsAAAAHAAAAAwAAAB8fAAAAAAAAALIVAAAAGgAAABUAAADoNMndBAAAAAAAAAAABwnIBQYFAAMAAQEAAgMAAQEAAwABAQgAAAACAQECAQIDBQID" +
    "AwPrv8XVkQoAAAADAAEKAQECAQEDAhEFLyA5MDAwsP4LCAAAAAIBAQIBAgMFAgMDA+u/xdWR8LDB9nX0Bfcfu6g8dfQF9w==",
);
/** The reference's `remap` of `flat` by 200 -> 9, 7 -> 1. */
const remapped = bytesOf(
  "Y3JrbAGAQAsAAAAHAAAAAwAAAB8fAAAAAAAAAI8VAAAAGgAAABUAAADoNMndBAAAAAAAAAAAAQkJBQYFAAMAAQEAAgMAAQEAAwABAQgAAAACAQECAQIDBQID" +
    "AwPrv8XVkQoAAAADAAEKAQECAQEDAhEFLyA5MDAwsP4LCAAAAAIBAQIBAgMFAgMDA+u/xdWR8j66P3X0Bfcfu6g8dfQF9w==",
);
const knownChunks: readonly KnownChunk[] = [
  {
    title: "flat labels",
    chunk: { size, dtype: "uint8", channels: 1, parameters: {} },
    encoded: flat,
    voxels: fill("uint8", size, rings),
  },
  known(
    "version 0",
    "uint8",
    rings,
    "Y3JrbACAAAsAAAAHAAAAAwAAAB8fAAAAFQAAABoAAAAVAAAABAAAAAAAAAAABwnIBQYFAAMAAQEAAgMAAQEAAwABAQgAAAACAQECAQIDBQIDAwPrv8XVkQoA" +
      "AAADAAEKAQECAQEDAhEFLyA5MDAwsP4LCAAAAAIBAQIBAgMFAgMDA+u/xdWR",
  ),
  known(
    "permissible cracks",
    "uint16",
    (x, y, z) => ((x * 7 + y * 13 + z * 5 + x * y * 3) % 11) * 5000,
    "Y3JrbAGVAAsAAAAHAAAAAwAAAB/YAAAAAAAAAAQnAAAAJwAAACcAAAA35Rq2CwAAAAAAAAAAAIgTECeYOiBOqGEwdbiIQJzIr1DDPT09AAcDCgYCCQUBCAQC" +
      "AQAJCAcGBQQDBAYIAQMFBwkAAgYABQQJAwgCBwEIBQIHBAEJBgMAAQQHAgUIAAMGCQUBCAQABwMKBgIJBwYFAwIBAAoJCAkAAgYICgEDBQcABQoJAwgC" +
      "BwEGAgoHAQkGAwAIBQYJAQcKAgUIAAMKBgIJBQEIBAAHAwEACggHBgUEAwIDBQcAAgQGCAoBBQoEAwgCBwEGAAcEAQYDAAgFAgoAAwYBBAcKAgUIGAAA" +
      "AAUBAQMBAQMBAQMBAQMBCQEBAQIBAQEBAWVZlqLov6IoiqIIGAAAAAUBAQMBAQMBAQMBAQMBCQEBAQIBAQEBAWVZlqLov6IoiqIIGAAAAAUBAQMBAQMB" +
      "AQMBAQMBCQEBAQIBAQEBAWVZlqLov6IoiqII8TxndEDYS4lA2EuJQNhLiQ==",
  ),
  known(
    "labels above 2^53 of an array in C order",
    "uint64",
    (x, y, z) => BigInt(blocks(x, y, z)) * (2n ** 61n + 12345n),
    "Y3JrbAEPAAsAAAAHAAAAAwAAAB9TAAAAAAAAAMoXAAAAFwAAABcAAACZRFcqBgAAAAAAAAAAAAAAAAAAADkwAAAAAAAgcmAAAAAAAECrkAAAAAAAYOTAAAAA" +
      "AACAHfEAAAAAAKAICAgABQQDAwIBAAEABQQEAwIBAgEABQUEAwIEAAAAAQABAwIJ7LCTCCBAJoAAmcEKCAQAAAABAAEDAgnssJMIIEAmgACZwQoIBAAA" +
      "AAEAAQMCCeywkwggQCaAAJnBCgiC+qh6f4IgvH+CILx/giC8",
  ),
  known(
    "pins, Markov model of order 2",
    "uint32",
    rings,
    "Y3JrbAHCBAsAAAAHAAAAAwAAAB8dAAAAAAAAACMTAAAAFwAAABMAAACqJbKUBwMAAAAAAAAAAAnIBQYFAAIAGQICAAABBgENAgBFhcLIOuVeJ9a8CAAAAAIB" +
      "AQIBAgMFIoRQoGiWAAoAAAADAAEKAQECAQED4smsNyYihFAgCAAAAAIBAQIBAgMFIoRQoGiWAAiPcgV19AX3H7uoPHX0Bfc=",
  ),
  known(
    "pins of 64-bit labels",
    "uint64",
    (x, y, z) => (z < 2 || x < 5 ? 2n ** 60n + BigInt(Math.floor(x / 4) + 3 * Math.floor(y / 4)) : 3n),
    "Y3JrbAHPAAsAAAAHAAAAAwAAAB9bAAAAAAAAACcTAAAAEwAAABEAAABGhMgKAAAAAAAAABAGAAAAAAAAAAMAAAAAAAAAAQAAAAAAABACAAAAAAAAEAMAAAAA" +
      "AAAQBAAAAAAAABAFAAAAAAAAEAYGBQAAAQ4BBAIAAAICBgEsAgABMAIAAAIFBgQAAAABAAEEAgmwQyKAAJkBKyAEAAAAAQABBAIJsEMigACZASsgBAAA" +
      "AAEAAQQCyQIIkBmwAgJ7yDsPapAO0GqQDtCfyOx5",
  ),
  // The stream of 200 and 7 in 8 bits, with the bit of signed labels set: the reference reads -56.
  known(
    "signed labels",
    "int16",
    (x) => (x < 4 ? -56 : 7),
    "Y3JrbAGBAQsAAAAHAAAAAwAAAB8TAAAAAAAAAOYLAAAACwAAAAsAAAAQd4n7AgAAAAAAAAAHyAICAgEAAQABAAQAAAABAAEEAgACBAAAAAEAAQQCAAIEAAAA" +
      "AQABBAIAAufJmqddVhvUXVYb1F1WG9Q=",
  ),
  {
    title: "replaced labels, one of them twice",
    chunk: { size, dtype: "uint8", channels: 1, parameters: {} },
    encoded: remapped,
    voxels: fill("uint8", size, rings).map((label) => (label === 200 ? 9 : label === 7 ? 1 : label)),
  },
];

codecSuite({ descriptor: crackleCodec, known: knownChunks });
goldenCodecSuite(crackleCodec);
labelQueriesSuite({ descriptor: crackleCodec, known: knownChunks });

const workspace = createFakeWorkspace(1 << 16, 16 << 20);
const codec = await crackleCodec.load();
const chunkOf = (dtype: DataType, of: Vec3 = size): ChunkDescription => ({
  size: of,
  dtype,
  channels: 1,
  parameters: {},
});

function encode(voxels: Uint8Array, chunk: ChunkDescription): Uint8Array {
  workspace.arena.reset();
  return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
}

function decode(encoded: Uint8Array, from: Vec3 = [0, 0, 0], to: Vec3 = size): number[] {
  workspace.arena.reset();
  const [x, y, z] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const strides = { rowBytes: x, planeBytes: x * y, channelBytes: 0 };
  codec.decode(encoded, chunkOf("uint8"), { workspace, pointer: workspace.resultPointer, ...strides, from, to });
  return [...workspace.view(workspace.resultPointer, x * y * z)];
}

/** The stream with a byte changed; the checksum of its header is made right again. */
function changed(encoded: Uint8Array, at: number, value: number): Uint8Array {
  const result = new Uint8Array(encoded);
  result[at] = value;
  if (at < 28 && encoded[4] === 1) {
    result[28] = result.subarray(5, 28).reduce((crc, byte) => crc8Step(crc ^ byte), 0xff);
  }
  return result;
}

function crc8Step(crc: number): number {
  return [0, 1, 2, 3, 4, 5, 6, 7].reduce((value) => (value >>> 1) ^ ((value & 1) === 1 ? 0xe7 : 0), crc);
}

function refused(encoded: Uint8Array, message: RegExp, z: readonly [number, number] = [0, 3]): void {
  const act = (): unknown => decode(encoded, [0, 0, z[0]], [11, 7, z[1]]);
  expect(act).toThrow(InvalidChunkError);
  expect(act).toThrow(message);
}

describe("crackle, writing", () => {
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

  it("gives the bytes of the reference", () => {
    expect(encode(fill("uint8", size, rings), chunkOf("uint8"))).toEqual(flat);
  });

  it.each([
    ["blocks", "uint8", [11, 7, 3], blocks, "4827a80424bd9c27"],
    ["rows of more than a word", "uint16", [65, 9, 2], (x, y, z) => Number(blocks(x, y, z)) * 9999, "23b7de4425679bea"],
    [
      "rows of two words",
      "uint32",
      [128, 6, 3],
      (x, y, z) => Number(blocks(x, y, z)) * 700_000_001,
      "21622d56843043e9",
    ],
    [
      "last labels of the type",
      "uint64",
      [13, 5, 4],
      (x, y, z) => 2n ** 64n - 1n - BigInt(blocks(x, y, z)) * 2n,
      "b4f7c795d8698703",
    ],
    ["a checkerboard", "uint32", [8, 4, 2], (x, y) => (x + y) % 2, "15a5465e7d0d8a6f"],
    ["one label", "uint16", [5, 3, 2], () => 300, "b3402d26eb8ea040"],
    ["each voxel another label", "uint64", [20, 17, 3], (x, y, z) => x + 20 * y + 340 * z, "c94a16beb01f8635"],
    ["nodes of two bytes in x", "uint8", [300, 3, 2], (x, y) => (Math.floor((x * x) / 50) + y) % 7, "c292318ee9c7c9c6"],
    ["nodes of two bytes in y", "uint8", [3, 300, 2], (x, y) => (Math.floor((y * y) / 50) + x) % 7, "787accd371e92088"],
    [
      "circles",
      "uint16",
      [40, 33, 2],
      (x, y) => Math.floor(((x - 20) ** 2 + (y - 16) ** 2) / 60) % 3,
      "b112b4a79ef10687",
    ],
    ["a first slice of noise", "uint8", [6, 6, 4], (x, y, z) => (z === 0 ? x + 7 * y : 5), "c2472e55b6dbc6f9"],
    ["noise after the first slice", "uint8", [6, 6, 4], (x, y, z) => (z > 0 ? x + 7 * y + z : 5), "5dff66e4c3f6ac9f"],
  ] as const satisfies readonly (readonly [string, DataType, Vec3, LabelOf, string])[])(
    "gives the bytes of the reference: %s, %s",
    (_, dtype, of, labelOf, expected) => {
      expect(digest(encode(fill(dtype, of, labelOf), chunkOf(dtype, of)))).toBe(expected);
    },
  );

  it("refuses several channels", () => {
    const chunk = { ...chunkOf("uint8", [1, 1, 1]), channels: 2 };
    expect(() => encode(new Uint8Array(2), chunk)).toThrow(InvalidArgumentError);
  });
});

describe("crackle, reading", () => {
  const slice = (z: number): number[] => [...fill("uint8", size, rings).subarray(77 * z, 77 * z + 77)];
  const [labelsAt, slicesAt] = [29 + 12 + 4, 29 + 12 + 4 + 31];

  it("looks only at the slices that are wanted", () => {
    const damaged = changed(flat, slicesAt + 14, 0);
    expect(decode(damaged, [0, 0, 1], [11, 7, 2])).toEqual(slice(1));
    refused(damaged, /slice 0/, [0, 1]);
  });

  it("gives the bytes of the reference when labels are replaced", () => {
    const mapping = {
      valuesOf: (labels: BigUint64Array) => labels.map((label) => ({ 200: 9n, 7: 1n })[Number(label)] ?? label),
    };
    workspace.arena.reset();
    expect(codec.labels?.remap(flat, chunkOf("uint8"), mapping, workspace)).toEqual(remapped);
  });

  it.each([
    ["the header, by its checksum", new Uint8Array(flat).fill(1, 27, 28), /header is damaged/],
    ["the z index", changed(flat, 29, 0x16), /slices end at|checksum of its z index/],
    ["the z index, sizes exchanged", changed(changed(flat, 29, 0x1a), 33, 0x15), /checksum of its z index/],
    ["a label", changed(flat, labelsAt + 8, 1), /checksum of its labels/],
    ["the cracks of slice 1", changed(flat, slicesAt + 21 + 24, 0x55), /slice 1/],
    ["the checksum of slice 2", changed(flat, flat.length - 1, 0), /checksum of slice 2/],
    ["its end", flat.subarray(0, -1), /cut off/],
    ["a byte more", Uint8Array.from([...flat, 0]), /cut off or too long/],
    ["the first bytes", changed(flat, 0, 0), /not a crackle stream/],
    ["version 2", changed(flat, 4, 2), /version is not supported: 2/],
    ["pins of fixed width", changed(flat, 5, 0xa0), /label format 1/],
    ["a grid of 4 voxels", changed(flat, 19, 2), /grid 2\^2/],
    ["labels of 2 bytes", changed(flat, 5, 0x81), /labels of 2 bytes, expected 11 x 7 x 3 of uint8/],
    ["labels stored wider than they are", changed(flat, 5, 0x84), /stores labels of 1 bytes in 2/],
    ["signed labels in an unsigned volume", changed(flat, 6, 1), /signed labels/],
    ["another size", changed(flat, 7, 12), /12 x 7 x 3/],
  ])("refuses damage: %s", (_, damaged, message) => refused(damaged, message));

  it("refuses, without checksums too, labels and cracks that do not fit", () => {
    const old = knownChunks[1]?.encoded ?? flat;
    const labels = 24 + 12;
    refused(changed(old, labels, 5), /labels do not fit/);
    refused(changed(old, labels + 7, 0xff), /labels do not fit/);
    refused(changed(old, labels + 12, 4), /labels do not fit/);
    refused(changed(changed(old, labels + 12, 6), labels + 13, 5), /slice 0 has 5 regions, and labels for 6/);
    refused(changed(old, labels + 15, 4), /slice 0: a region has a label that is not in the table/);
    const first = labels + 31;
    refused(changed(old, first, 200), /slice 0: its index of chains/);
    refused(changed(old, first + 5, 8), /slice 0: a chain begins outside/);
    refused(changed(old, first + 12, 0), /slice 0: /);
    refused(changed(old, first + 20, 0), /slice 0: its moves are cut off/);
  });

  it("describes a file by its header", () => {
    expect(crackleCodec.file?.suffix).toBe(".ckl");
    expect(crackleCodec.file?.describe(flat)).toEqual({ size, dtype: "uint8" });
    expect(describeCrackle(knownChunks[3]?.encoded ?? flat)).toEqual({ size, dtype: "uint64" });
    expect(describeCrackle(knownChunks[6]?.encoded ?? flat)).toEqual({ size, dtype: "int16" });
    expect(() => describeCrackle(flat.subarray(0, 28))).toThrow(InvalidChunkError);
    expect(() => describeCrackle(new Uint8Array(40))).toThrow(InvalidChunkError);
  });
});
