/** compresso: the contract of codecs over streams of the reference writer (compresso 3.3.3), and the golden volumes. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../../../../server/src/base/vec3.ts";
import { compressoCodec } from "../../../../../server/src/codecs/chunk/compresso.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { InvalidArgumentError, InvalidChunkError } from "../../../../../server/src/errors.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { labelQueriesSuite } from "../../../../conformance/labelQueries.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const size = [11, 7, 3] as const;

/** The volume that was compressed: blocks of 3 x 4 x 1, numbered modulo `count`, times `factor`. */
function voxelsOf(dtype: DataType, count: number, factor: bigint): Uint8Array {
  const voxels = voxelView(dtype, new ArrayBuffer(size[0] * size[1] * size[2] * 8), 0, size[0] * size[1] * size[2]);
  for (let i = 0; i < voxels.length; i++) {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const value = BigInt((Math.floor(x / 3) * 5 + Math.floor(y / 4) * 3 + z) % count) * factor;
    voxels[i] = voxels instanceof BigUint64Array ? value : Number(value);
  }
  return new Uint8Array(voxels.buffer, 0, voxels.byteLength);
}

function known(title: string, dtype: DataType, voxels: Uint8Array, base64: string): KnownChunk {
  const encoded = new Uint8Array(Buffer.from(base64, "base64"));
  return { title, chunk: { size, dtype, channels: 1, parameters: {} }, encoded, voxels };
}

/** Boundary voxels that refer to each of their neighbors, and some that hold labels near the end of the type. */
const mixed = Uint8Array.from(
  [
    [0, 252, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
    [1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 0, 1, 1, 1, 1, 2, 1, 1, 1, 1],
  ].flat(),
);
const mixedChunk: ChunkDescription = { size: [5, 4, 3], dtype: "uint8", channels: 1, parameters: {} };
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
/** Version 0, connectivity 4: locations 1, 3, 4, 5, 6 and labels. */
const withoutIndex = bytesOf(
  "Y3BzbwABBQAEAAMABAQBBQAAAAAAAAAFAAAACwAAAAAAAAAEAAACAQEAABMAAAH8EQOABwb8CAMFAQkJBAkCAAMACAAEAAYAAwA=",
);
const connectivity6 = bytesOf(
  "Y3BzbwABBQAEAAMABAQBAwAAAAAAAAAGAAAADAAAAAAAAAAGAAEBAAATAAAQERH8Ef/+Bwb8CAcFAwkBCQkJAgAEAAoABgAIAAMA",
);
const asWritten = bytesOf(
  "Y3BzbwEBBQAEAAMABAQBBQAAAAAAAAAFAAAACwAAAAAAAAAEAAACAQEAABMAAAH8EQOABwb8CAMIAQkJBwkCAAMACAAEAAYAAwABAgIABAI=",
);

const knownChunks: readonly KnownChunk[] = [
  known(
    "uint8, steps 4 4 1, with z index",
    "uint8",
    voxelsOf("uint8", 5, 1n),
    "Y3BzbwEBCwAHAAMABAQBBgAAAAAAAAADAAAAAAAAAAAAAAAEAAMBBAIAAAAAcADwBAAEAAIABwAEAAQAAgAHAAQABAACAAcAAgICAAAA",
  ),
  known(
    "uint16, steps 8 8 1, without z index",
    "uint16",
    voxelsOf("uint16", 7, 1n),
    "Y3BzbwACCwAHAAMACAgBGAAAAAAAAAACAAAACQAAAAAAAAAEAAAFAAMAAQADAAEABgAEAAEABgAEAAIABAACAAAABQACAAAABQADAAUAAwABAAYA" +
      "AQEBBwEBAQAkJCT/JCQkAAcADAAKAAgADQALAAkABwAMAAIAAAAAAAAAAwAAAAAAAAACAAAAAAAAAAMAAAAAAAAAAgAAAAAAAAADAAAAAAAAAA==",
  ),
  known(
    "uint64 above 2^53, steps 4 4 1, with z index",
    "uint64",
    voxelsOf("uint64", 6, 2n ** 61n + 12345n).slice(),
    "Y3BzbwEICwAHAAMABAQBGAAAAAAAAAAGAAAACQAAAAAAAAAEAAAAAAAAAAAd8QAAAAAAoOTAAAAAAACAq5AAAAAAAGCrkAAAAAAAYHJgAAAAAABA" +
      "OTAAAAAAACAAAAAAAAAAADkwAAAAAAAgAAAAAAAAAAAd8QAAAAAAoOTAAAAAAACA5MAAAAAAAICrkAAAAAAAYHJgAAAAAABAOTAAAAAAACByYAAA" +
      "AAAAQDkwAAAAAAAgAAAAAAAAAAAd8QAAAAAAoB3xAAAAAACg5MAAAAAAAICrkAAAAAAAYHJgAAAAAABAEQEiAkQEEXEi8kT0BwAAAAAAAAAk8QAA" +
      "AAAAoOvAAAAAAACAQDAAAAAAACAHAAAAAAAAACTxAAAAAACgeWAAAAAAAEBAMAAAAAAAIAcAAAAAAAAACgAIAAYABAACAAMACgAIAAYABAACAAMA" +
      "CgAIAAYABAACAAMACAgIAAMD",
  ),
  { title: "version 0, references to other slices", chunk: mixedChunk, encoded: withoutIndex, voxels: mixed },
  { title: "connectivity 6", chunk: mixedChunk, encoded: connectivity6, voxels: mixed },
  { title: "labels near the end of the type", chunk: mixedChunk, encoded: asWritten, voxels: mixed },
];

codecSuite({ descriptor: compressoCodec, known: knownChunks });
goldenCodecSuite(compressoCodec);
labelQueriesSuite({ descriptor: compressoCodec, known: knownChunks });

const workspace = createFakeWorkspace(1 << 16, 64 << 20);
const codec = await compressoCodec.load();

function encode(voxels: Uint8Array, chunk: ChunkDescription): Uint8Array {
  workspace.arena.reset();
  return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
}

function decode(encoded: Uint8Array, chunk: ChunkDescription, from: Vec3, to: Vec3): number[] {
  workspace.arena.reset();
  const [x, y, z] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const strides = { rowBytes: x, planeBytes: x * y, channelBytes: 0 };
  codec.decode(encoded, chunk, { workspace, pointer: workspace.resultPointer, ...strides, from, to });
  return [...workspace.view(workspace.resultPointer, x * y * z)];
}

const refused = (encoded: Uint8Array, message: RegExp): void => {
  expect(() => decode(encoded, mixedChunk, [0, 0, 0], mixedChunk.size)).toThrow(InvalidChunkError);
  expect(() => decode(encoded, mixedChunk, [0, 0, 0], mixedChunk.size)).toThrow(message);
};

describe("compresso, writing", () => {
  // compresso 3.3.3
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const fill = (dtype: DataType, size: Vec3, labelOf: (x: number, y: number, z: number) => bigint): Uint8Array => {
    const voxels = voxelView(dtype, new ArrayBuffer(product(size) * 8), 0, product(size));
    for (let i = 0; i < voxels.length; i++) {
      const value = labelOf(i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1]));
      voxels[i] = voxels instanceof BigUint64Array ? value : Number(value);
    }
    return new Uint8Array(voxels.buffer, 0, voxels.byteLength);
  };
  const blocks = (x: number, y: number, z: number): bigint =>
    BigInt((Math.floor(x / 3) * 5 + Math.floor(y / 4) * 3 + z) % 6);

  it("gives the bytes of the reference where labels take two locations", () =>
    expect(encode(mixed, mixedChunk)).toEqual(asWritten));

  it.each([
    ["blocks", "uint8", [11, 7, 3], (x, y, z) => blocks(x, y, z), "3a0c15f4e16b31a9"],
    ["blocks", "uint16", [65, 9, 2], (x, y, z) => blocks(x, y, z) * 9999n, "4b735379af717c25"],
    ["blocks", "uint32", [128, 6, 3], (x, y, z) => blocks(x, y, z) * 700_000_001n, "377dcd444eecf703"],
    [
      "the last labels of the type",
      "uint64",
      [13, 5, 4],
      (x, y, z) => 2n ** 64n - 1n - blocks(x, y, z) * 2n,
      "3e68653bf99d39dc",
    ],
    ["no window without boundaries", "uint32", [8, 4, 2], (x, y) => BigInt((x + y) % 2), "d50e6303425d2ce0"],
    ["one label", "uint16", [5, 3, 2], () => 300n, "3e71c19958f655eb"],
    ["more empty windows than a code can count", "uint8", [1100, 484, 1], (x) => BigInt(x >> 10), "13096233ece00594"],
  ] as const satisfies readonly (readonly [string, DataType, Vec3, Parameters<typeof fill>[2], string])[])(
    "gives the bytes of the reference: %s, %s",
    (_, dtype, size, labelOf, expected) => {
      const chunk: ChunkDescription = { size, dtype, channels: 1, parameters: {} };
      expect(digest(encode(fill(dtype, size, labelOf), chunk))).toBe(expected);
    },
  );

  it("takes larger steps where those of 4 x 4 x 1 have too many windows", () => {
    const size: Vec3 = [800, 800, 5];
    const encoded = encode(jigsaw(size), { size, dtype: "uint32", channels: 1, parameters: {} });
    expect([...encoded.subarray(12, 15)]).toEqual([8, 8, 1]);
    expect(digest(encoded)).toBe("379006c2db856f05");
  });

  it("refuses sides that its header cannot hold, and several channels", () => {
    const chunk: ChunkDescription = { size: [65_536, 1, 1], dtype: "uint8", channels: 1, parameters: {} };
    expect(() => encode(new Uint8Array(65_536), chunk)).toThrow(InvalidArgumentError);
    expect(() => encode(new Uint8Array(2), { ...chunk, size: [1, 1, 1], channels: 2 })).toThrow(InvalidArgumentError);
    const largest = encode(new Uint8Array(65_535), { ...chunk, size: [65_535, 1, 1] });
    expect(largest.byteLength).toBe(49);
  });
});

describe("compresso, reading", () => {
  const slice = [...mixed.subarray(20, 40)];

  it("looks only at the slices that are wanted, where there is an index", () => {
    const damaged = new Uint8Array(asWritten);
    // The first location of the first slice and that of the last become references to voxels that are boundaries.
    const locations = 36 + 5 + 10;
    damaged[locations] = 3;
    expect(decode(damaged, mixedChunk, [0, 0, 1], [5, 4, 2])).toEqual(slice);
    refused(damaged, /refers to no region/);
  });

  it("refuses an index that does not fit", () => {
    for (let at = 1; at <= 6; at++) {
      const damaged = new Uint8Array(asWritten);
      damaged[damaged.length - at] = 9;
      refused(damaged, /z index/);
    }
  });

  it("refuses an index that leads beyond ids or locations", () => {
    for (const at of [6, 2]) {
      const damaged = new Uint8Array(asWritten);
      damaged[damaged.length - at] = 200;
      expect(() => decode(damaged, mixedChunk, [0, 0, 2], [5, 4, 3])).toThrow(InvalidChunkError);
    }
  });

  it("follows references to other slices even if there is an index", () => {
    // The stream without an index, with the one that fits it.
    const both = Uint8Array.from([...withoutIndex, 1, 2, 2, 0, 4, 2]);
    both[4] = 1;
    expect(decode(both, mixedChunk, [0, 0, 0], mixedChunk.size)).toEqual([...mixed]);
    for (let z = 0; z < 3; z++) {
      const expected = [...mixed.subarray(20 * z, 20 * z + 20)];
      expect(decode(both, mixedChunk, [0, 0, z], [5, 4, z + 1])).toEqual(expected);
    }
  });

  it.each([
    ["version 2", 4, 2],
    ["a step of 0", 13, 0],
    ["steps of more than 64 voxels", 14, 5],
    ["connectivity 5", 35, 5],
    ["an index and connectivity 6", 35, 6],
    ["labels of 3 bytes", 5, 3],
  ])("refuses %s", (_, at, value) => {
    const damaged = new Uint8Array(asWritten);
    damaged[at] = value;
    refused(damaged, /not supported|expected/);
  });

  it("describes a file by its header", () => {
    expect(compressoCodec.file?.suffix).toBe(".cpso");
    expect(compressoCodec.file?.describe(asWritten)).toEqual({ size: [5, 4, 3], dtype: "uint8" });
    expect(compressoCodec.file?.describe(knownChunks[2]?.encoded ?? asWritten)).toEqual({ size, dtype: "uint64" });
    expect(() => compressoCodec.file?.describe(asWritten.subarray(0, 35))).toThrow(InvalidChunkError);
    expect(() => compressoCodec.file?.describe(new Uint8Array(36))).toThrow(InvalidChunkError);
  });
});

/** Labels with boundaries of every density: voxels joined at random to those right of them and below, more in some blocks than in others. */
function jigsaw(size: Vec3): Uint8Array {
  const random = createRandom(9);
  const labels = Uint32Array.from({ length: product(size) }, (_, i) => i);
  const find = (at: number): number => {
    let root = at;
    while (labels[root] !== root) {
      labels[root] = labels[labels[root] ?? 0] ?? 0;
      root = labels[root] ?? 0;
    }
    return root;
  };
  const densities = Array.from({ length: product(size) >> 6 }, () => 30 + random.integer(30));
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % size[0], Math.floor(i / size[0]) % size[1]];
    const block = (Math.floor(i / size[0] / 8) * (size[0] >> 3) + (x >> 3)) % densities.length;
    if (random.integer(100) < (densities[block] ?? 0)) {
      if (x + 1 < size[0]) {
        labels[find(i + 1)] = find(i);
      }
      if (y + 1 < size[1]) {
        labels[find(i + size[0])] = find(i);
      }
    }
  }
  return new Uint8Array(labels.map((_, i) => find(i)).buffer);
}
