/** From the rows of a PNG image to samples of one or two bytes: interlacing, short samples, palettes, transparency, byte order. */
import { InvalidChunkError } from "../../errors.ts";
import type { PngFile, PngHeader } from "./pngFile.ts";
import { type RowLayout, unfilterRows } from "./pngRows.ts";

/** Samples of a pixel as stored. */
export function storedSamples({ colorType }: PngHeader): number {
  return { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType];
}

/** Every how many pixels, and from which, a pass takes its pixels. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const wholeImage: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
/** Clause 8.2. */
const adam7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

interface LaidOutPass extends Pass {
  readonly layout: RowLayout;
  readonly width: number;
  readonly start: number;
}

/** Bytes of the image before deflate: what the zlib stream must hold, no more and no less. */
export function filteredBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { layout }) => sum + layout.rows * (layout.rowBytes + 1), 0);
}

function passesOf(header: PngHeader): readonly LaidOutPass[] {
  const pixelBits = storedSamples(header) * header.depth;
  const passes: LaidOutPass[] = [];
  let start = 0;
  for (const pass of header.isInterlaced ? adam7 : wholeImage) {
    const width = Math.ceil((header.width - pass.x) / pass.stepX);
    const rows = Math.ceil((header.height - pass.y) / pass.stepY);
    if (width > 0 && rows > 0) {
      const layout = { rows, rowBytes: Math.ceil((width * pixelBits) / 8), pixelBytes: Math.max(1, pixelBits >> 3) };
      passes.push({ ...pass, layout, width, start });
      start += rows * (layout.rowBytes + 1);
    }
  }
  return passes;
}

/** Stored samples, interleaved, rows without gaps: 1 byte each (unscaled) below 16 bits, else 2 bytes, little endian. */
export function readSamples(header: PngHeader, filtered: Uint8Array): Uint8Array {
  const passes = passesOf(header);
  const [only] = passes;
  if (!header.isInterlaced && only !== undefined) {
    return toBytes(header, unfilterRows(filtered, 0, only.layout), only);
  }
  const pixelBytes = storedSamples(header) * (header.depth === 16 ? 2 : 1);
  const result = new Uint8Array(header.width * header.height * pixelBytes);
  for (const pass of passes) {
    const samples = toBytes(header, unfilterRows(filtered, pass.start, pass.layout), pass);
    let from = 0;
    for (let row = 0; row < pass.layout.rows; row++) {
      const line = (pass.y + row * pass.stepY) * header.width;
      for (let column = 0; column < pass.width; column++) {
        const to = (line + pass.x + column * pass.stepX) * pixelBytes;
        for (let byte = 0; byte < pixelBytes; byte++) {
          result[to + byte] = samples[from++] ?? 0;
        }
      }
    }
  }
  return result;
}

function toBytes({ depth }: PngHeader, rows: Uint8Array, { width, layout }: LaidOutPass): Uint8Array {
  if (depth === 8) {
    return rows;
  }
  if (depth === 16) {
    swapBytes(rows);
    return rows;
  }
  const result = new Uint8Array(width * layout.rows);
  const mask = (1 << depth) - 1;
  for (let row = 0; row < layout.rows; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = rows[row * layout.rowBytes + (bit >> 3)] ?? 0;
      result[row * width + column] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return result;
}

/** Big-endian words to little-endian ones, and back, in place. */
function swapBytes(bytes: Uint8Array): void {
  for (let i = 0; i + 1 < bytes.byteLength; i += 2) {
    const high = bytes[i] ?? 0;
    bytes[i] = bytes[i + 1] ?? 0;
    bytes[i + 1] = high;
  }
}

/** The samples as `channels` interleaved channels, or undefined when the image has others. */
export function toChannels(file: PngFile, samples: Uint8Array, channels: number): Uint8Array | undefined {
  const { header, transparency } = file;
  if (header.colorType === 3) {
    return fromPalette(file, samples, channels);
  }
  if (header.depth < 8) {
    const scale = 255 / ((1 << header.depth) - 1);
    for (let i = 0; i < samples.byteLength; i++) {
      samples[i] = (samples[i] ?? 0) * scale;
    }
  }
  const stored = storedSamples(header);
  if (stored === channels) {
    return samples;
  }
  const hasAlpha = header.colorType === 4 || header.colorType === 6;
  return transparency !== undefined && !hasAlpha && channels === stored + 1
    ? withAlpha(file, samples, transparency)
    : undefined;
}

/** Gray palettes give one channel, others three; with alpha one more. */
function fromPalette(
  { palette, transparency }: PngFile,
  indices: Uint8Array,
  channels: number,
): Uint8Array | undefined {
  const entries = palette?.byteLength ?? 0;
  if (palette === undefined || entries === 0 || entries % 3 !== 0 || entries > 768) {
    throw new InvalidChunkError(`PNG palette is not valid: ${entries} bytes`);
  }
  const hasColor = channels >= 3;
  const isGray = palette.every((value, i) => value === palette[i - (i % 3)]);
  if (!hasColor && !isGray) {
    return undefined;
  }
  const result = new Uint8Array(indices.byteLength * channels);
  let to = 0;
  for (const index of indices) {
    if (index * 3 >= entries) {
      throw new InvalidChunkError(`PNG image is damaged: palette entry ${index} of ${entries / 3}`);
    }
    for (let i = 0; i < (hasColor ? 3 : 1); i++) {
      result[to++] = palette[index * 3 + i] ?? 0;
    }
    if (channels % 2 === 0) {
      result[to++] = transparency?.[index] ?? 255;
    }
  }
  return result;
}

/** tRNS of gray and RGB names the one sample value that is transparent, 16 bits big endian for each channel. */
function withAlpha({ header }: PngFile, samples: Uint8Array, transparency: Uint8Array): Uint8Array {
  const stored = storedSamples(header);
  const width = header.depth === 16 ? 2 : 1;
  if (transparency.byteLength !== stored * 2) {
    throw new InvalidChunkError(`PNG transparency is not valid: ${transparency.byteLength} bytes`);
  }
  const scale = header.depth < 8 ? 255 / ((1 << header.depth) - 1) : 1;
  const key = Uint8Array.from({ length: stored * width }, (_, i) =>
    width === 2 ? (transparency[i ^ 1] ?? 0) : (transparency[2 * i + 1] ?? 0) * scale,
  );
  const pixelBytes = stored * width;
  const pixels = samples.byteLength / pixelBytes;
  const result = new Uint8Array(pixels * (pixelBytes + width)).fill(255);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = samples.subarray(pixel * pixelBytes, (pixel + 1) * pixelBytes);
    const to = pixel * (pixelBytes + width);
    result.set(from, to);
    if (from.every((value, i) => value === key[i])) {
      result.fill(0, to + pixelBytes, to + pixelBytes + width);
    }
  }
  return result;
}
