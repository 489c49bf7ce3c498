/** The header of a compresso stream and where its sections lie; the kernel "compresso" describes the layout. */
import { type DataType, voxelBytes } from "../../base/dtype.ts";
import { equals, product, type Vec3 } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";

/** Bytes of the header. */
export const headerBytes = 36;
const magic = [0x63, 0x70, 0x73, 0x6f];
const dtypes: Readonly<Record<number, DataType>> = { 1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64" };

/** What the header says, and the sections as offsets from the beginning of the stream. */
export interface CompressoStream extends CompressoHeader {
  readonly windowBytes: number;
  readonly windowCount: number;
  readonly ids: number;
  readonly values: number;
  readonly locations: number;
  readonly windows: number;
  /** Offset of the z index and bytes of one of its numbers; only in version 1. */
  readonly index: { readonly offset: number; readonly bytes: number } | undefined;
}

interface CompressoHeader {
  readonly version: number;
  readonly size: Vec3;
  readonly dtype: DataType;
  readonly steps: Vec3;
  readonly connectivity: number;
  readonly labelBytes: number;
  readonly idCount: number;
  readonly valueCount: number;
  readonly locationCount: number;
}

/** What a whole `.cpso` file holds, from its header alone. Throws InvalidChunkError where it has none that can be read. */
export function describeCompresso(bytes: Uint8Array): { readonly size: Vec3; readonly dtype: DataType } {
  const { size, dtype } = parseHeader(bytes);
  return { size, dtype };
}

/** Writes the header of a stream of version 1 and connectivity 4 at the beginning of `bytes`. */
export function writeHeader(
  bytes: Uint8Array,
  { size, dtype }: ChunkDescription,
  sections: Pick<CompressoHeader, "steps" | "idCount" | "valueCount" | "locationCount">,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  bytes.set([...magic, 1, voxelBytes(dtype)]);
  for (const axis of [0, 1, 2] as const) {
    view.setUint16(6 + 2 * axis, size[axis], true);
    view.setUint8(12 + axis, sections.steps[axis]);
  }
  view.setBigUint64(15, BigInt(sections.idCount), true);
  view.setUint32(23, sections.valueCount, true);
  view.setBigUint64(27, BigInt(sections.locationCount), true);
  view.setUint8(35, 4);
}

/** The stream of a chunk. Throws InvalidChunkError where header and sections are not as the description promises. */
export function parseStream(bytes: Uint8Array, chunk: ChunkDescription): CompressoStream {
  const header = parseHeader(bytes);
  if (!equals(header.size, chunk.size) || header.labelBytes !== voxelBytes(chunk.dtype)) {
    const found = `${header.size.join(" x ")} labels of ${header.labelBytes} bytes`;
    const expected = `${chunk.size.join(" x ")} of ${voxelBytes(chunk.dtype)}`;
    throw new InvalidChunkError(`compresso chunk has ${found}, expected ${expected}`);
  }
  return layOut(bytes.byteLength, header);
}

function parseHeader(bytes: Uint8Array): CompressoHeader {
  if (bytes.byteLength < headerBytes || !magic.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidChunkError(`not a compresso stream: ${bytes.byteLength} bytes without its header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, labelBytes] = [view.getUint8(4), view.getUint8(5)];
  const steps: Vec3 = [view.getUint8(12), view.getUint8(13), view.getUint8(14)];
  const connectivity = view.getUint8(35);
  const dtype = dtypes[labelBytes];
  const isKnown = version === 0 || (version === 1 && connectivity === 4);
  const isConnected = connectivity === 4 || connectivity === 6;
  if (!isKnown || !isConnected || product(steps) < 1 || product(steps) > 64 || dtype === undefined) {
    const found = `version ${version}, steps ${steps.join(" x ")}, connectivity ${connectivity}, labels of ${labelBytes} bytes`;
    throw new InvalidChunkError(`compresso header is not supported: ${found}`);
  }
  return {
    version,
    labelBytes,
    dtype,
    steps,
    connectivity,
    size: [view.getUint16(6, true), view.getUint16(8, true), view.getUint16(10, true)],
    idCount: Number(view.getBigUint64(15, true)),
    valueCount: view.getUint32(23, true),
    locationCount: Number(view.getBigUint64(27, true)),
  };
}

/** Finds the sections; the windows are what the others leave. */
function layOut(byteLength: number, header: CompressoHeader): CompressoStream {
  const { version, size, labelBytes, idCount, valueCount, locationCount } = header;
  const windowBytes = windowBytesOf(header.steps);
  const values = headerBytes + idCount * labelBytes;
  const locations = values + valueCount * windowBytes;
  const windows = locations + locationCount * labelBytes;
  const end = byteLength - (version === 1 ? 2 * size[2] * indexBytes(size) : 0);
  if (windows > end || (end - windows) % windowBytes !== 0) {
    throw new InvalidChunkError(
      `compresso chunk is cut off or damaged: sections of ${windows} bytes and windows of ${windowBytes} do not fit into ${end}`,
    );
  }
  return {
    ...header,
    windowBytes,
    windowCount: (end - windows) / windowBytes,
    ids: headerBytes,
    values,
    locations,
    windows,
    index: version === 1 ? { offset: end, bytes: indexBytes(size) } : undefined,
  };
}

/** Bytes of a window. */
export function windowBytesOf(steps: Vec3): number {
  return [1, 2, 4].find((bytes) => product(steps) <= bytes * 8) ?? 8;
}

/** Bytes of a number of the z index. */
export function indexBytes(size: Vec3): number {
  const most = 2 * size[0] * size[1];
  return most < 0xff ? 1 : most < 0xffff ? 2 : most < 0xffff_ffff ? 4 : 8;
}
