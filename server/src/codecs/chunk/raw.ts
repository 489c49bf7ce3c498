/** raw: the voxels as they are, little endian, Fortran order over (x, y, z, channel), no header. */
import { dataTypes, voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { createDenseQueries, labelsKernel } from "../labelQueries.ts";
import { scatterKernel, writeVoxels } from "../target.ts";

const coding: Pick<ChunkCodec, "decode" | "encode"> = {
  decode(encoded, chunk, target) {
    const expected = sizeBytes(chunk);
    if (encoded.byteLength !== expected) {
      throw new InvalidChunkError(`raw chunk holds ${encoded.byteLength} bytes, expected ${expected}`);
    }
    writeVoxels(encoded, chunk, target);
  },
  encode: (voxels) => new Uint8Array(voxels),
};

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
  load: async () => ({ ...coding, labels: createDenseQueries(coding) }),
};
