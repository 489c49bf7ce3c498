/** Turns a tile as it arrives into what the renderer and the readouts use, after checking every size. */
import type { TileReply } from "../../../schemas/messages/slices.ts";
import type { DataTypeName, TileDescription } from "../../../schemas/protocol/volume.ts";
import type { PixelArray, TilePixels } from "../render/backend.ts";

/** A rectangle of a tile in its voxels: [u0, v0, u1, v1). */
export type TexelRect = TileDescription["missing"][number];

export interface DecodedTile {
  readonly pixels: TilePixels;
  readonly dtype: DataTypeName;
  /** Labels by index; only of label tiles. */
  readonly table?: BigUint64Array;
  readonly missing: readonly TexelRect[];
  /** Bytes that the tile keeps in memory. */
  readonly sizeBytes: number;
}

type ArrayMaker = (buffer: ArrayBufferLike, offset: number, length: number) => PixelArray;

const arrays: Readonly<Record<DataTypeName, readonly [bytes: number, make: ArrayMaker]>> = {
  uint8: [1, (...at) => new Uint8Array(...at)],
  int8: [1, (...at) => new Int8Array(...at)],
  uint16: [2, (...at) => new Uint16Array(...at)],
  int16: [2, (...at) => new Int16Array(...at)],
  uint32: [4, (...at) => new Uint32Array(...at)],
  int32: [4, (...at) => new Int32Array(...at)],
  float32: [4, (...at) => new Float32Array(...at)],
  uint64: [4, (...at) => new Float32Array(...at)],
  int64: [4, (...at) => new Float32Array(...at)],
  float64: [4, (...at) => new Float32Array(...at)],
};

/** Views the bytes of a reply; they are copied only where they are not aligned. Throws when a size does not fit the description. */
export function decodeTile({ tile, data }: TileReply): DecodedTile {
  if (!(data instanceof Uint8Array) || data.byteLength !== tile.byteLength) {
    const got = data instanceof Uint8Array ? data.byteLength : 0;
    throw new Error(`the tile arrived with ${got} bytes instead of ${tile.byteLength}`);
  }
  const bytes = data.byteOffset % 8 === 0 ? data : data.slice();
  return tile.encoding === "idx16" ? decodeLabels(tile, bytes) : decodeImage(tile, bytes);
}

function decodeImage(tile: TileDescription, bytes: Uint8Array): DecodedTile {
  const { width, height, channels, dtype, missing } = tile;
  const [elementBytes, make] = arrays[dtype];
  const length = width * height * channels;
  if (length * elementBytes !== bytes.byteLength) {
    throw new Error(`the tile has ${bytes.byteLength} bytes for ${width}x${height}x${channels} of ${dtype}`);
  }
  const data = make(bytes.buffer, bytes.byteOffset, length);
  const base = Number(tile.base ?? "0");
  return {
    pixels: { kind: "image", width, height, channels, data, base },
    dtype,
    missing,
    sizeBytes: bytes.byteLength,
  };
}

function decodeLabels(tile: TileDescription, bytes: Uint8Array): DecodedTile {
  const { width, height, dtype, missing, tableLength = 0 } = tile;
  const indexBytes = width * height * 2;
  const tableOffset = Math.ceil(indexBytes / 8) * 8;
  if (tableOffset + tableLength * 8 !== bytes.byteLength || tableLength > 65536) {
    throw new Error(
      `the tile has ${bytes.byteLength} bytes for ${width}x${height} labels and a table of ${tableLength}`,
    );
  }
  const data = new Uint16Array(bytes.buffer, bytes.byteOffset, width * height);
  const table = new BigUint64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + tableOffset, tableLength);
  return {
    pixels: { kind: "labels", width, height, data },
    dtype,
    table,
    missing,
    sizeBytes: bytes.byteLength + tableLength * 4,
  };
}
