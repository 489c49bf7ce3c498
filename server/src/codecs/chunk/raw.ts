/** raw: the voxels as they are, little endian, Fortran order over (x, y, z, channel), no header. */
import { dataTypes, voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, CodecDescriptor } from "../codec.ts";
import { createDenseQueries, type DenseCoding, labelsKernel } from "../labelQueries.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { placeInMemory } from "../workspace.ts";

const coding = {
  decode(encoded, chunk, target) {
    checkSize(encoded, chunk);
    writeVoxels(encoded, chunk, target);
  },
  encode: (voxels) => new Uint8Array(voxels),
  place(encoded, chunk, workspace) {
    checkSize(encoded, chunk);
    return placeInMemory(workspace, encoded);
  },
} satisfies DenseCoding;

function checkSize(encoded: Uint8Array, chunk: ChunkDescription): void {
  const expected = sizeBytes(chunk);
  if (encoded.byteLength !== expected) {
    throw new InvalidChunkError(`raw chunk holds ${encoded.byteLength} bytes, expected ${expected}`);
  }
}

function planeBytes(chunk: ChunkDescription): number | undefined {
  return chunk.channels === 1 ? sizeBytes(chunk) / chunk.size[2] : undefined;
}

function sizeBytes(chunk: ChunkDescription): number {
  return product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
}

/** Any dtype, any channel count; gzip as second stage unless told otherwise. */
export const rawCodec: CodecDescriptor = {
  name: "raw",
  dtypes: dataTypes,
  contentType: "application/octet-stream",
  defaultCompression: "gzip",
  kernels: [scatterKernel, labelsKernel],
  load: async () => ({ decode: coding.decode, encode: coding.encode, planeBytes, labels: createDenseQueries(coding) }),
};
