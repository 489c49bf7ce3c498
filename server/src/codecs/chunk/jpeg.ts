/**
 * jpeg: the chunk as one image, X wide and Y·Z high, gray for one channel, RGB for three. Lossy; uint8 only.
 *
 * Pixels in row-major order are the voxels in Fortran order, so an image of any other shape with as many pixels is read as well.
 * Differs from CloudVolume for three channels: it reads the interleaved samples as if they were planar.
 */
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { loadLibrary } from "../library.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { interleave, planarize } from "./interleave.ts";
import { readJpegFrame } from "./jpegMarkers.ts";

/** Classes of the wasm library: buffers are views of its memory, valid until the next call; failures are thrown numbers. */
interface JpegLibrary {
  readonly JPEGDecoder: new () => JpegDecoder;
  readonly JPEGEncoder: new () => JpegEncoder;
}

interface JpegDecoder {
  getEncodedBuffer(sizeBytes: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

interface JpegEncoder {
  getDecodedBuffer(frame: JpegImage): Uint8Array;
  setProgressive(isProgressive: boolean): void;
  setQuality(quality: number): void;
  setSubSampling(subsampling: number): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

interface JpegImage {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: 8;
  readonly componentCount: number;
  readonly isSigned: false;
}

/** libjpeg's limit of either side. */
const maxSide = 65_500;
const defaultQuality = 85;
/** The library's numbers: chroma at full resolution; no chroma. */
const subsampling444 = 0;
const subsamplingGray = 3;

function createJpegCodec(library: JpegLibrary): ChunkCodec {
  return {
    decode(encoded, chunk, target) {
      assertPromised(encoded, chunk);
      const decoder = new library.JPEGDecoder();
      try {
        const pixels = decodeImage(decoder, encoded);
        const expected = product(chunk.size) * chunk.channels;
        if (pixels.byteLength !== expected) {
          throw new InvalidChunkError(`JPEG image decodes to ${pixels.byteLength} bytes, expected ${expected}`);
        }
        writeVoxels(chunk.channels === 1 ? pixels : planarize(pixels, chunk), chunk, target);
      } finally {
        decoder.delete();
      }
    },
    encode(voxels, chunk) {
      const image = imageOf(chunk);
      const quality = qualityOf(chunk);
      const encoder = new library.JPEGEncoder();
      try {
        encoder.getDecodedBuffer(image).set(chunk.channels === 1 ? voxels : interleave(voxels, chunk));
        encoder.setProgressive(false);
        encoder.setQuality(quality);
        encoder.setSubSampling(chunk.channels === 1 ? subsamplingGray : subsampling444);
        encoder.encode();
        return encoder.getEncodedBuffer().slice();
      } finally {
        encoder.delete();
      }
    },
  };
}

/** Checks what the header claims before anything is allocated for it. */
function assertPromised(encoded: Uint8Array, chunk: ChunkDescription): void {
  const { width, height, components, precision } = readJpegFrame(encoded);
  const voxels = product(chunk.size);
  if (width * height !== voxels || components !== chunk.channels || precision !== 8) {
    const found = `${width} x ${height} pixels of ${components} components, ${precision} bits`;
    const expected = `${chunk.size[0]} x ${chunk.size[1] * chunk.size[2]} pixels of ${chunk.channels} components, 8 bits`;
    throw new InvalidChunkError(`JPEG image has ${found}, expected ${expected}`);
  }
}

function decodeImage(decoder: JpegDecoder, encoded: Uint8Array): Uint8Array {
  try {
    decoder.getEncodedBuffer(encoded.byteLength).set(encoded);
    decoder.decode();
    return decoder.getDecodedBuffer();
  } catch (error) {
    throw new InvalidChunkError(
      "JPEG image is damaged: its entropy-coded data cannot be decoded",
      {},
      { cause: error },
    );
  }
}

/** X wide and Y·Z high; where that is too high for a JPEG file, X·Y wide and Z high. */
function imageOf({ size: [x, y, z], channels }: ChunkDescription): JpegImage {
  const [width, height] = y * z <= maxSide ? [x, y * z] : [x * y, z];
  if (width > maxSide || height > maxSide || (channels !== 1 && channels !== 3)) {
    throw new InvalidArgumentError(
      `jpeg cannot hold a chunk of ${x} x ${y} x ${z} voxels with ${channels} channels (at most ${maxSide} pixels wide and high; 1 or 3 channels)`,
    );
  }
  return { width, height, bitsPerSample: 8, componentCount: channels, isSigned: false };
}

function qualityOf({ parameters }: ChunkDescription): number {
  const quality = parameters.jpeg_quality ?? defaultQuality;
  if (typeof quality !== "number" || !Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new InvalidMetadataError(`jpeg_quality must be an integer from 1 to 100: ${JSON.stringify(quality)}`);
  }
  return quality;
}

async function load(): Promise<ChunkCodec> {
  return createJpegCodec(await loadLibrary<() => Promise<JpegLibrary>>("jpeg")());
}

/** uint8, one channel or three; baseline and progressive, any chroma subsampling, restart intervals. */
export const jpegCodec: CodecDescriptor = {
  name: "jpeg",
  dtypes: ["uint8"],
  channels: [1, 3],
  contentType: "image/jpeg",
  lossy: true,
  kernels: [scatterKernel],
  load,
};
