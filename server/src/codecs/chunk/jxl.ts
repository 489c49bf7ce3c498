/**
 * jxl: the chunk as one JPEG XL image, X wide and Y·Z high, gray for one channel, RGB for three. uint8 only; lossless from quality 100 on.
 *
 * Written is a bare codestream; read are containers too. Pixels in row-major order are the voxels in Fortran order, so an image of any
 * other shape with as many pixels is read as well.
 * Differs from CloudVolume for three channels: it writes three gray frames, which no other program takes for an image, and reads the
 * interleaved samples of a sound one as if they were planar.
 */
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError, UnsupportedError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { interleave } from "./interleave.ts";
import { type JxlHeader, readJxlHeader } from "./jxlHeader.ts";
import { createJxlLibrary, type JxlEncoding, type JxlLibrary } from "./jxlLibrary.ts";

function createJxlCodec(library: JxlLibrary): ChunkCodec {
  return {
    decode(encoded, chunk, target) {
      assertPromised(readJxlHeader(encoded), chunk);
      const pixels = product(chunk.size);
      const voxels = library.decode(encoded, pixels, (rgba) => toVoxels(rgba, pixels, chunk.channels));
      writeVoxels(voxels, chunk, target);
    },
    encode(voxels, chunk) {
      const { channels } = chunk;
      if (channels !== 1 && channels !== 3) {
        throw new InvalidArgumentError(`jxl cannot hold ${channels} channels (1 or 3)`);
      }
      return library.encode(channels === 1 ? voxels : interleave(voxels, chunk), channels, encodingOf(chunk));
    },
  };
}

/** Checks what the header claims before anything is allocated for it. */
function assertPromised(header: JxlHeader, { size, channels }: ChunkDescription): void {
  const { width, height, bits, isFloat, extraChannels, hasPreview, isAnimation } = header;
  const isImage = width * height === product(size) && bits === 8 && !isFloat && extraChannels === 0 && !hasPreview;
  if (isImage && isAnimation && header.channels === 1 && channels === 3) {
    throw new UnsupportedError(
      "jxl chunk has a gray frame for each channel, as CloudVolume writes three channels",
      {
        hint: "encode the volume as png, or its channels as RGB",
      },
    );
  }
  if (!isImage || isAnimation || header.channels !== channels) {
    const kind = `${extraChannels > 0 ? "more than " : ""}${header.channels} channels, ${bits} ${isFloat ? "float " : ""}bits`;
    const frames = isAnimation ? ", several frames" : hasPreview ? ", a preview" : "";
    const expected = `${size[0]} x ${size[1] * size[2]} pixels of ${channels} channels, 8 bits`;
    throw new InvalidChunkError(
      `JPEG XL image has ${width} x ${height} pixels of ${kind}${frames}, expected ${expected}`,
    );
  }
}

/** Planar voxels of RGBA pixels. */
function toVoxels(rgba: Uint8Array, pixels: number, channels: number): Uint8Array {
  if (rgba.byteLength !== pixels * 4) {
    throw new InvalidChunkError(`JPEG XL image decodes to ${rgba.byteLength / 4} pixels, expected ${pixels}`);
  }
  const voxels = new Uint8Array(pixels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * pixels;
    for (let i = 0, at = channel; i < pixels; i++, at += 4) {
      voxels[start + i] = rgba[at] ?? 0;
    }
  }
  return voxels;
}

function encodingOf({ size: [x, y, z], parameters }: ChunkDescription): JxlEncoding {
  const { jxl_quality: quality = 85, jxl_effort: effort = 5, jxl_decodingspeed: decodingSpeed = 0 } = parameters;
  if (typeof quality !== "number" || !(quality >= 0)) {
    throw new InvalidMetadataError(
      `jxl_quality must be a number from 0 on (100 = lossless): ${JSON.stringify(quality)}`,
    );
  }
  return {
    width: x,
    height: y * z,
    quality: Math.min(quality, 100),
    effort: integerOf("jxl_effort", effort, 1, 9),
    decodingSpeed: integerOf("jxl_decodingspeed", decodingSpeed, 0, 4),
  };
}

function integerOf(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new InvalidMetadataError(`${name} must be an integer from ${least} to ${most}: ${JSON.stringify(value)}`);
  }
  return value;
}

/** uint8, one channel or three, with all that JPEG XL has to compress them; no floats, no alpha, no animations. */
export const jxlCodec: CodecDescriptor = {
  name: "jxl",
  dtypes: ["uint8"],
  channels: [1, 3],
  contentType: "image/jxl",
  lossy: true,
  kernels: [scatterKernel],
  load: async () => createJxlCodec(createJxlLibrary()),
};
