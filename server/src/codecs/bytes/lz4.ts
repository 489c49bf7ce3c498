/** One LZ4 block behind the u32 little endian size of its content: numcodecs, Zarr v2. */
import { type CompressorDescriptor, createByteCodec } from "./byteCodec.ts";
import { decodeSizedLz4Block, encodeLz4Block } from "./lz4Block.ts";
import { expandsTooFar, joinParts, notAStream, viewOf } from "./streams.ts";

function decompressSized(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength < 5) {
    throw notAStream("lz4", bytes);
  }
  const sizeBytes = viewOf(bytes).getUint32(0, true);
  if (sizeBytes > maxBytes) {
    throw expandsTooFar("lz4", maxBytes);
  }
  return decodeSizedLz4Block(bytes.subarray(4), sizeBytes, "lz4");
}

function compressSized(bytes: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  viewOf(size).setUint32(0, bytes.byteLength, true);
  return joinParts([size, encodeLz4Block(bytes)]);
}

export const lz4Codec: CompressorDescriptor = {
  name: "lz4",
  load: async () => createByteCodec(decompressSized, compressSized),
};
