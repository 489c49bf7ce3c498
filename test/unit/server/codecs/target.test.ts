/** Copies and fills of boxes: exactly the wanted voxels, nothing around them. */
import { describe, expect, it } from "vitest";
import type { ChunkDescription, DecodeTarget } from "../../../../server/src/codecs/codec.ts";
import { fillBox, fillTarget, voxelPattern, writeVoxels } from "../../../../server/src/codecs/target.ts";
import { createFakeWorkspace } from "../../../fakes/workspace.ts";

const sentinel = 0xa5;
const workspace = createFakeWorkspace(1 << 20, 1 << 20);

function clear(): Uint8Array {
  return workspace.view(workspace.resultPointer, workspace.resultBytes).fill(sentinel);
}

function chunkOf(size: ChunkDescription["size"], dtype: ChunkDescription["dtype"], channels = 1): ChunkDescription {
  return { size, dtype, channels, parameters: {} };
}

/** A target whose rows, planes and channels lie `gap` bytes apart. */
function spacedTarget(from: DecodeTarget["from"], to: DecodeTarget["to"], bytes: number, gap: number): DecodeTarget {
  const rowBytes = (to[0] - from[0]) * bytes + gap;
  const planeBytes = (to[1] - from[1]) * rowBytes + gap;
  const channelBytes = (to[2] - from[2]) * planeBytes + gap;
  return { workspace, pointer: workspace.resultPointer + 64, rowBytes, planeBytes, channelBytes, from, to };
}

describe("writeVoxels", () => {
  it.each([1, 2, 3, 7, 8, 15, 16, 17, 31, 63, 64, 65, 80, 129])(
    "copies rows of %i bytes and nothing beside them",
    (width) => {
      const result = clear();
      const chunk = chunkOf([width + 3, 4, 3], "uint8", 2);
      const voxels = Uint8Array.from({ length: (width + 3) * 24 }, (_, i) => (i * 31) % 163);
      const target = spacedTarget([2, 1, 1], [width + 2, 3, 3], 1, 5);
      const expected = new Uint8Array(result);
      for (let c = 0; c < 2; c++) {
        for (let z = 0; z < 2; z++) {
          for (let y = 0; y < 2; y++) {
            const source = ((c * 3 + z + 1) * 4 + y + 1) * (width + 3) + 2;
            const at = 64 + c * target.channelBytes + z * target.planeBytes + y * target.rowBytes;
            expected.set(voxels.subarray(source, source + width), at);
          }
        }
      }
      writeVoxels(voxels, chunk, target);
      expect(Buffer.compare(result, expected)).toBe(0);
    },
  );

  it("merges rows and planes that touch", () => {
    const result = clear();
    const voxels = Uint8Array.from({ length: 5 * 4 * 3 * 8 }, (_, i) => i % 251);
    const target = { workspace, pointer: workspace.resultPointer, rowBytes: 40, planeBytes: 160, channelBytes: 480 };
    writeVoxels(voxels, chunkOf([5, 4, 3], "uint64"), { ...target, from: [0, 0, 0], to: [5, 4, 3] });
    expect(Buffer.compare(result.subarray(0, 480), voxels)).toBe(0);
    expect(result[480]).toBe(sentinel);
  });

  it("copies chunks larger than the arena in parts", () => {
    const small = createFakeWorkspace(1 << 19, 1 << 16);
    const voxels = Uint8Array.from({ length: 64 * 64 * 64 }, (_, i) => (i * 7 + (i >> 8)) % 256);
    const target = { pointer: small.resultPointer, rowBytes: 64, planeBytes: 4096, channelBytes: 0 };
    writeVoxels(voxels, chunkOf([64, 64, 64], "uint8"), {
      workspace: small,
      ...target,
      from: [0, 0, 0],
      to: [64, 64, 64],
    });
    expect(Buffer.compare(small.view(small.resultPointer, voxels.length), voxels)).toBe(0);
  });

  it("writes nothing for an empty part", () => {
    const result = clear();
    writeVoxels(new Uint8Array(8), chunkOf([2, 2, 2], "uint8"), spacedTarget([1, 1, 1], [1, 2, 2], 1, 0));
    expect(result.every((byte) => byte === sentinel)).toBe(true);
  });
});

describe("fillTarget", () => {
  it.each([
    ["uint8", 0xab],
    ["int16", -2],
    ["uint32", 0x12345678],
    ["float32", -1.5],
    ["uint64", 0x0123456789abcdefn],
    ["float64", Math.PI],
  ] as const)("fills a strided box of %s and nothing beside it", (dtype, value) => {
    const pattern = voxelPattern(dtype, value);
    for (const width of [1, 2, 3, 5, 9, 40]) {
      const result = clear();
      const chunk = chunkOf([width, 3, 2], dtype, 2);
      const bytes = { uint8: 1, int16: 2, uint32: 4, float32: 4, uint64: 8, float64: 8 }[dtype];
      const target = spacedTarget([0, 0, 0], [width, 3, 2], bytes, 8);
      const voxel = new Uint8Array(new BigUint64Array([pattern]).buffer).subarray(0, bytes);
      const expected = new Uint8Array(result);
      for (let row = 0; row < 12; row++) {
        const [c, z, y] = [Math.floor(row / 6), Math.floor(row / 3) % 2, row % 3];
        const at = 64 + c * target.channelBytes + z * target.planeBytes + y * target.rowBytes;
        for (let x = 0; x < width; x++) {
          expected.set(voxel, at + x * bytes);
        }
      }
      fillTarget(target, chunk, pattern);
      expect(Buffer.compare(result, expected)).toBe(0);
    }
  });

  it("fills one stretch of memory", () => {
    const result = clear();
    fillBox(workspace, workspace.resultPointer + 8, 24, 4, 7n);
    expect([...new Uint32Array(result.slice(8, 32).buffer)]).toEqual([7, 7, 7, 7, 7, 7]);
    expect([result[7], result[32]]).toEqual([sentinel, sentinel]);
  });
});

describe("voxelPattern", () => {
  it("gives the bits of a value", () => {
    expect(voxelPattern("int8", -1)).toBe(0xffn);
    expect(voxelPattern("uint64", 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
    expect(voxelPattern("float32", 1)).toBe(0x3f800000n);
    expect(voxelPattern("float64", 1)).toBe(0x3ff0000000000000n);
  });

  it.each([
    ["uint8", 256],
    ["uint8", -1],
    ["int16", 40_000],
    ["uint32", 1.5],
    ["uint64", Number.NaN],
  ] as const)("refuses what %s cannot hold: %s", (dtype, value) => {
    expect(() => voxelPattern(dtype, value)).toThrow(`not a value of ${dtype}: ${value}`);
  });
});
