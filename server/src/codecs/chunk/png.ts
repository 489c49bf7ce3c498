/**
 * png: the chunk as one image, X wide and Y·Z high; gray, gray and alpha, RGB, RGBA for one to four channels of 8 or 16 bits.
 *
 * Pixels in row-major order are the voxels in Fortran order, so an image of any other shape with as many pixels is read as well.
 * Differs from CloudVolume for two and more channels, which it reads as if they were planar, and for 16 bits, which it cannot read with one
 * or three.
 */
import { voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError, TooLargeError } from "../../errors.ts";
import { deflateZlib, inflateZlib } from "../bytes/zlib.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { interleave, planarize } from "./interleave.ts";
import { buildPng, type PngColorType, type PngFile, type PngHeader, parsePng } from "./pngFile.ts";
import { filteredBytes, readSamples, storedSamples, swapBytes, toChannels } from "./pngPixels.ts";
import { filterRows } from "./pngRows.ts";

const defaultLevel = 9;
const colorTypes: Readonly<Record<number, PngColorType>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

const codec: ChunkCodec = {
  decode(encoded, chunk, target) {
    const file = parsePng(encoded);
    assertPromised(file.header, chunk);
    const pixels = toChannels(file, readSamples(file.header, inflate(file)), chunk.channels);
    if (pixels === undefined) {
      throw mismatch(file.header, chunk);
    }
    writeVoxels(chunk.channels === 1 ? pixels : planarize(pixels, chunk), chunk, target);
  },
  encode(voxels, chunk) {
    const header = headerOf(chunk);
    const pixelBytes = chunk.channels * voxelBytes(chunk.dtype);
    const pixels = chunk.channels === 1 ? new Uint8Array(voxels) : interleave(voxels, chunk);
    if (header.depth === 16) {
      swapBytes(pixels);
    }
    const filtered = filterRows(pixels, { rows: header.height, rowBytes: header.width * pixelBytes, pixelBytes });
    return buildPng(header, deflateZlib(filtered, levelOf(chunk)));
  },
};

/** Checks what the header claims before anything is allocated for it. */
function assertPromised(header: PngHeader, chunk: ChunkDescription): void {
  const depth = voxelBytes(chunk.dtype) * 8;
  const isDepth = header.depth === depth || (header.depth < 8 && depth === 8);
  if (header.width * header.height !== product(chunk.size) || !isDepth) {
    throw mismatch(header, chunk);
  }
}

function mismatch(header: PngHeader, { size, channels, dtype }: ChunkDescription): InvalidChunkError {
  const samples = header.colorType === 3 ? "a palette" : `${storedSamples(header)} channels`;
  const found = `${header.width} x ${header.height} pixels of ${samples}, ${header.depth} bits`;
  const expected = `${size[0]} x ${size[1] * size[2]} pixels of ${channels} channels, ${voxelBytes(dtype) * 8} bits`;
  return new InvalidChunkError(`PNG image has ${found}, expected ${expected}`);
}

function inflate({ header, compressed }: PngFile): Uint8Array {
  const expected = filteredBytes(header);
  const filtered = inflateExactly(compressed, expected);
  if (filtered.byteLength !== expected) {
    throw new InvalidChunkError(`PNG image holds ${filtered.byteLength} bytes, expected ${expected}`);
  }
  return filtered;
}

function inflateExactly(compressed: Uint8Array, expected: number): Uint8Array {
  try {
    return inflateZlib(compressed, { what: "PNG", maxBytes: expected, expectedBytes: expected });
  } catch (error) {
    throw error instanceof TooLargeError ? new InvalidChunkError(error.message, {}, { cause: error }) : error;
  }
}

function headerOf({ size: [x, y, z], channels, dtype }: ChunkDescription): PngHeader {
  const colorType = colorTypes[channels];
  if (colorType === undefined) {
    throw new InvalidArgumentError(`png cannot hold ${channels} channels (1 to 4)`);
  }
  return { width: x, height: y * z, depth: voxelBytes(dtype) * 8, colorType, isInterlaced: false };
}

function levelOf({ parameters }: ChunkDescription): number {
  const level = parameters.png_level ?? defaultLevel;
  if (typeof level !== "number" || !Number.isInteger(level) || level < 0 || level > 9) {
    throw new InvalidMetadataError(`png_level must be an integer from 0 to 9: ${JSON.stringify(level)}`);
  }
  return level;
}

/** uint8 and uint16, one to four channels. Reads every PNG: interlaced, with a palette, with short samples. */
export const pngCodec: CodecDescriptor = {
  name: "png",
  dtypes: ["uint8", "uint16"],
  channels: [1, 2, 3, 4],
  contentType: "image/png",
  kernels: [scatterKernel],
  load: async () => codec,
};
