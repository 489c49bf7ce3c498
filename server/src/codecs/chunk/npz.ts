/**
 * npz: the chunk as a NumPy array (.npy), compressed by zlib. A legacy of early CloudVolume; reads only.
 *
 * The array has the axes (x, y, z, channel), or (1, x, y, z) as it was written from three axes; Fortran or C order, little endian.
 */
import { dataTypes, voxelBytes } from "../../base/dtype.ts";
import { type NpyHeader, parseNpyHeader, toFortranOrder } from "../../base/npy.ts";
import { product } from "../../base/vec3.ts";
import { InvalidChunkError, isVolumeError } from "../../errors.ts";
import { inflateZlib } from "../bytes/zlib.ts";
import type { ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { scatterKernel, writeVoxels } from "../target.ts";

/** NumPy pads its header to a multiple of 64; this is far beyond what four axes take. */
const mostHeaderBytes = 4096;

function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const voxelsBytes = product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
  const maxBytes = voxelsBytes + mostHeaderBytes;
  const bytes = inflate(encoded, maxBytes);
  const header = parse(bytes);
  assertPromised(header, bytes.byteLength - header.dataOffset, chunk);
  const data = bytes.subarray(header.dataOffset);
  const dense = header.order === "F" ? data : toFortranOrder(data, header.shape, voxelBytes(chunk.dtype));
  writeVoxels(dense, chunk, target);
}

function inflate(encoded: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflateZlib(encoded, { what: "npz", maxBytes });
  } catch (error) {
    throw asDamage(error);
  }
}

function parse(bytes: Uint8Array): NpyHeader {
  try {
    return parseNpyHeader(bytes);
  } catch (error) {
    throw asDamage(error);
  }
}

/** What is a wrong argument or an unknown type in a file of the user's is a damaged chunk here. */
function asDamage(error: unknown): unknown {
  return isVolumeError(error) && error.tag !== "invalid_chunk"
    ? new InvalidChunkError(`npz chunk is damaged: ${error.message}`, {}, { cause: error })
    : error;
}

function assertPromised({ dtype, shape }: NpyHeader, dataBytes: number, chunk: ChunkDescription): void {
  const full = [...chunk.size, chunk.channels];
  const possible = [full, ...(chunk.channels === 1 ? [[1, ...chunk.size], [...chunk.size]] : [])];
  const isPromised = dtype === chunk.dtype && possible.some((axes) => axes.join() === shape.join());
  const expected = product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
  if (!isPromised || dataBytes !== expected) {
    const found = `${dtype} of the shape ${shape.join(" x ")} in ${dataBytes} bytes`;
    throw new InvalidChunkError(`npz chunk holds ${found}, expected ${chunk.dtype} of ${full.join(" x ")}`);
  }
}

/** Any dtype, any channel count. */
export const npzCodec: CodecDescriptor = {
  name: "npz",
  dtypes: dataTypes,
  contentType: "application/octet-stream",
  kernels: [scatterKernel],
  load: async () => ({ decode }),
};
