/**
 * jxl: the chunk as one JPEG XL image, X wide and Y·Z high; of three channels, three gray frames of it. uint8 only; lossless from quality
 * 100 on.
 *
 * CloudVolume hands three channels to its encoder as an array [3, Y·Z, X]. That makes three frames, and Neuroglancer reads their samples in
 * order; but of chunks at most four wide it makes one image, 3 high and Y·Z wide, whose X samples a pixel are gray, gray and alpha, RGB or RGBA.
 * Both are read here, and so is an RGB image, X wide; written are frames of every width, as a bare codestream.
 * Pixels in row-major order are the voxels in Fortran order, so an image of any other shape with as many pixels is read as well.
 * Differs from CloudVolume, which reads three channels scrambled.
 */
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { joinFrames } from "./jxlFrames.ts";
import { convertJpeg } from "./jxlFromJpeg.ts";
import { type JxlHeader, readJxlHeader } from "./jxlHeader.ts";
import { createJxlLibrary, type JxlEncoding, type JxlFrames, type JxlLibrary } from "./jxlLibrary.ts";
import { createJpegReconstruction, type JpegReconstruction } from "./jxlToJpeg.ts";

function createJxlCodec(library: JxlLibrary, reconstruction: JpegReconstruction): ChunkCodec {
  return {
    bridges: {
      from: { jpeg: (file) => transcodeJpegToJxl(file, reconstruction) },
      to: { jpeg: (file) => reconstruction.reconstruct(file) },
    },
    decode(encoded, chunk, target) {
      const header = readJxlHeader(encoded);
      const voxels = new Uint8Array(product(chunk.size) * chunk.channels);
      if (isTable(header, chunk)) {
        decodeTable(library, encoded, chunk, voxels);
      } else {
        assertPromised(header, chunk);
        decodePlanes(library, encoded, framesOf(header, chunk), voxels);
      }
      writeVoxels(voxels, chunk, target);
    },
    encode(voxels, chunk) {
      const encoding = encodingOf(chunk);
      const pixels = product(chunk.size);
      const encodePlane = (_: unknown, c: number): Uint8Array =>
        library.encode(voxels.subarray(c * pixels, (c + 1) * pixels), encoding);
      const frames = Array.from({ length: chunk.channels }, encodePlane);
      return frames.length === 1 && frames[0] !== undefined ? frames[0] : joinFrames(frames);
    },
  };
}

/** The JPEG file as JPEG XL; undefined unless the very same file can be made of it again. */
function transcodeJpegToJxl(file: Uint8Array, reconstruction: JpegReconstruction): Uint8Array | undefined {
  const container = convertJpeg(file);
  const again = container && reconstruction.reconstruct(container);
  const isSame = again?.byteLength === file.byteLength && again.every((byte, i) => byte === file[i]);
  return isSame ? container : undefined;
}

/** Where the samples of a pixel are in RGBA, by how many there are. */
const samplePlaces: Readonly<Record<number, readonly number[]>> = { 1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3] };

/** Is it one image of all channels, as CloudVolume writes narrow chunks? Its samples are the voxels in order. */
function isTable(header: JxlHeader, { size: [x, y, z], channels }: ChunkDescription): boolean {
  const isImage = isPlain(header) && header.width === y * z && header.height === channels;
  return channels > 1 && isImage && header.channels + header.alphaChannels === x;
}

function decodeTable(library: JxlLibrary, encoded: Uint8Array, { size }: ChunkDescription, voxels: Uint8Array): void {
  const places = samplePlaces[size[0]] ?? [];
  library.decode(encoded, { frames: 1, pixels: voxels.byteLength / places.length, samples: 4 }, (rgba) => {
    for (let at = 0, to = 0; at < rgba.byteLength; at += 4) {
      for (const place of places) {
        voxels[to++] = rgba[at + place] ?? 0;
      }
    }
  });
}

/** Checks what the header claims before anything is allocated for it. */
function assertPromised(header: JxlHeader, { size, channels }: ChunkDescription): void {
  const { width, height, bits, isFloat, alphaChannels, isAnimation } = header;
  const isImage = width * height === product(size) && isPlain(header) && alphaChannels === 0;
  const isOfChannels = isAnimation ? header.channels === 1 && channels > 1 : header.channels === channels;
  if (!isImage || !isOfChannels) {
    const kind = `${header.channels + alphaChannels} channels${isAnimation ? " in each frame" : ""}`;
    const found = `${width} x ${height} pixels of ${kind}, ${bits} ${isFloat ? "float " : ""}bits`;
    const expected = `${size[0]} x ${size[1] * size[2]} pixels of ${channels} channels, 8 bits`;
    throw new InvalidChunkError(`JPEG XL image has ${found}, expected ${expected}`);
  }
}

/** Bytes, and nothing beside colours and alpha. */
function isPlain({ bits, isFloat, hasOthers }: JxlHeader): boolean {
  return bits === 8 && !isFloat && !hasOthers;
}

function framesOf(header: JxlHeader, { size, channels }: ChunkDescription): JxlFrames {
  return { frames: header.isAnimation ? channels : 1, pixels: product(size), samples: header.channels === 1 ? 1 : 4 };
}

/** The channel of each gray image, or all of a colour image. */
function decodePlanes(library: JxlLibrary, encoded: Uint8Array, expected: JxlFrames, voxels: Uint8Array): void {
  library.decode(encoded, expected, (pixels, frame) => {
    if (expected.samples === 1) {
      voxels.set(pixels, frame * pixels.byteLength);
      return;
    }
    let to = 0;
    for (let channel = 0; to < voxels.byteLength; channel++) {
      for (let at = channel; at < pixels.byteLength; at += 4) {
        voxels[to++] = pixels[at] ?? 0;
      }
    }
  });
}

function encodingOf({ size: [x, y, z], channels, parameters }: ChunkDescription): JxlEncoding {
  if (channels !== 1 && channels !== 3) {
    throw new InvalidArgumentError(`jxl cannot hold ${channels} channels (1 or 3)`);
  }
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

/** uint8, one channel or three, whatever JPEG XL compresses them with; no floats, no alpha. */
export const jxlCodec: CodecDescriptor = {
  name: "jxl",
  dtypes: ["uint8"],
  channels: [1, 3],
  contentType: "image/jxl",
  lossy: true,
  kernels: [scatterKernel],
  load: async () => createJxlCodec(createJxlLibrary(), createJpegReconstruction()),
};
