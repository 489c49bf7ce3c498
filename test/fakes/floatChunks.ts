/** Chunks of floats for the codecs of floats: small ones for literal bytes, larger ones for digests, and codecs in one call. */
import { createHash } from "node:crypto";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, ChunkDescription } from "../../server/src/codecs/codec.ts";
import { createFakeWorkspace } from "./workspace.ts";

export type FloatType = "float32" | "float64";

const workspace = createFakeWorkspace(1 << 20, 8 << 20);

/** (7 x + 13 y + 29 z + 5 c) modulo 31, less 9, divided by `divisor`: 7 x 5 x 3 voxels. */
export function fractions(dtype: FloatType, channels: number, divisor: number): Uint8Array {
  return floats(dtype, [7, 5, 3], channels, (x, y, z, c) => (((7 * x + 13 * y + 29 * z + 5 * c) % 31) - 9) / divisor);
}

/** Ramps of 64 values with noise. */
export function noise(dtype: FloatType, size: Vec3, channels: number): Uint8Array {
  return floats(dtype, size, channels, (x, y, z, c) => {
    const i = x + size[0] * (y + size[1] * (z + size[2] * c));
    return (Math.imul(i, 2_654_435_761) >>> 12) / 2 ** 20 + (i % 64) / 8;
  });
}

function floats(
  dtype: FloatType,
  size: Vec3,
  channels: number,
  valueAt: (x: number, y: number, z: number, c: number) => number,
): Uint8Array {
  const values = new (dtype === "float32" ? Float32Array : Float64Array)(product(size) * channels);
  for (let i = 0; i < values.length; i++) {
    const [x, y, rest] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    values[i] = valueAt(x, y, rest % size[2], Math.floor(rest / size[2]));
  }
  return new Uint8Array(values.buffer);
}

export function encode(codec: ChunkCodec, voxels: Uint8Array, chunk: ChunkDescription): Uint8Array {
  workspace.arena.reset();
  return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
}

/** The dense voxels of a part of the chunk; without one, of all of it. */
export function decode(
  codec: ChunkCodec,
  encoded: Uint8Array,
  chunk: ChunkDescription,
  part: { readonly from: Vec3; readonly to: Vec3 } = { from: [0, 0, 0], to: chunk.size },
): Uint8Array {
  workspace.arena.reset();
  const [x, y, z] = [part.to[0] - part.from[0], part.to[1] - part.from[1], part.to[2] - part.from[2]];
  const rowBytes = x * voxelBytes(chunk.dtype);
  const planeBytes = y * rowBytes;
  const channelBytes = z * planeBytes;
  const pointer = workspace.resultPointer;
  codec.decode(encoded, chunk, { workspace, pointer, rowBytes, planeBytes, channelBytes, ...part });
  return workspace.view(pointer, channelBytes * chunk.channels).slice();
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
