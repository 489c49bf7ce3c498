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
import { inflateKernel } from "../bytes/inflateKernel.ts";
import { deflateZlib, inflateZlib } from "../bytes/zlib.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { planarize } from "./interleave.ts";
import { buildPng, concatenate, type PngColorType, type PngFile, type PngHeader, parsePng } from "./pngFile.ts";
import {
  assertInflated,
  decodeScratchBytes,
  encodeScratchBytes,
  filterVoxels,
  isPlain,
  pngKernel,
  readPlainVoxels,
} from "./pngKernel.ts";
import { filteredBytes, readSamples, storedSamples, toChannels } from "./pngPixels.ts";

const defaultLevel = 9;
const sampleBytes = 32_768;
const colorTypes: Readonly<Record<number, PngColorType>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

const codec: ChunkCodec = {
  decode(encoded, chunk, target) {
    const file = parsePng(encoded);
    assertPromised(file.header, chunk);
    const { arena } = target.workspace;
    const mark = arena.mark();
    try {
      const plain = isPlain(file, chunk) ? orInvalid(() => readPlainVoxels(file, chunk, target.workspace)) : undefined;
      writeVoxels(plain ?? readVoxels(file, chunk), chunk, target);
    } finally {
      arena.reset(mark);
    }
  },
  encode(voxels, chunk, workspace) {
    const header = headerOf(chunk);
    const level = levelOf(chunk);
    const mark = workspace.arena.mark();
    try {
      const { filtered, hasRepetitions } = filterVoxels(voxels, chunk, workspace);
      return buildPng(header, deflateRows(filtered, level, hasRepetitions));
    } finally {
      workspace.arena.reset(mark);
    }
  },
  decodeScratchBytes,
  encodeScratchBytes,
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

/** The voxels of any image, channel by channel. */
function readVoxels(file: PngFile, chunk: ChunkDescription): Uint8Array {
  const expected = filteredBytes(file.header);
  const options = { what: "PNG", maxBytes: expected, expectedBytes: expected };
  const filtered = orInvalid(() => inflateZlib(concatenate(file.parts), options));
  assertInflated(filtered.byteLength, expected);
  const pixels = toChannels(file, readSamples(file.header, filtered), chunk.channels);
  if (pixels === undefined) {
    throw mismatch(file.header, chunk);
  }
  return chunk.channels === 1 ? pixels : planarize(pixels, chunk);
}

/** A stream that holds more than the image is damage. */
function orInvalid<T>(inflate: () => T): T {
  try {
    return inflate();
  } catch (error) {
    throw error instanceof TooLargeError ? new InvalidChunkError(error.message, {}, { cause: error }) : error;
  }
}

/**
 * Filtered samples of microscopes repeat only by chance: with runs alone deflate gives as few bytes, twice as fast. Whether these do is known from
 * a search for long repetitions and a sample for short ones. Level 9 is zlib's 8, which gives the sizes that the reference's 9 has.
 */
function deflateRows(filtered: Uint8Array, level: number, hasRepetitions: boolean): Uint8Array {
  const most = Math.min(level, 8);
  if (hasRepetitions || level === 0) {
    return deflateZlib(filtered, most, "filtered");
  }
  const middle = (filtered.byteLength - sampleBytes) >> 1;
  const sample = middle > 0 ? filtered.subarray(middle, middle + sampleBytes) : filtered;
  const byRuns = deflateZlib(sample, most, "runs");
  const bySearch = deflateZlib(sample, most, "filtered");
  const doRunsSuffice = byRuns.byteLength <= 1.002 * bySearch.byteLength;
  if (sample === filtered) {
    return doRunsSuffice ? byRuns : bySearch;
  }
  return deflateZlib(filtered, most, doRunsSuffice ? "runs" : "filtered");
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
  kernels: [scatterKernel, inflateKernel, pngKernel],
  load: async () => codec,
};
