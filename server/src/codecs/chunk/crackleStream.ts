/**
 * The frame of a crackle stream: its header, and where its sections lie. The kernel crackle.ts describes the layout.
 *
 * Nothing here is read beyond the end of the bytes, and every number that the bytes claim is compared with them or with the chunk's size.
 */
import type { DataType } from "../../base/dtype.ts";
import { voxelBytes } from "../../base/dtype.ts";
import { equals, product, type Vec3 } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";

/** What the first bytes say. */
export interface CrackleHeader {
  readonly version: number;
  /** The header's own. */
  readonly byteLength: number;
  readonly size: Vec3;
  readonly labelBytes: number;
  readonly storedBytes: number;
  readonly isSigned: boolean;
  readonly isPermissible: boolean;
  readonly hasPins: boolean;
  readonly markovOrder: number;
  readonly labelSectionBytes: number;
}

/** A span of bytes of the stream. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/** Sections of a stream. */
export interface CrackleFrame {
  readonly index: Section;
  readonly labels: Section;
  readonly model: Section;
  /** Where each slice begins, and the last ends. */
  readonly slices: Float64Array;
  /** CRC-32C of the labels, then of each slice's regions; version 1. */
  readonly checksums: number | undefined;
}

/** The labels section. */
export interface CrackleLabels {
  readonly labelCount: number;
  /** Label of what no pin claims. */
  readonly background: number | undefined;
  readonly table: number;
  /** The number of regions before each slice, and of all. */
  readonly regionStarts: Float64Array;
  /** Index of the label of each region, or pins. */
  readonly assignment: Section;
  /** Bytes of an index; or the byte that states the widths of pins. */
  readonly widths: number;
}

/** Of version 1. */
export const headerBytes = 29;
const magic = [0x63, 0x72, 0x6b, 0x6c];
const dtypesUnsigned: readonly DataType[] = ["uint8", "uint16", "uint32", "uint64"];
const dtypesSigned: readonly DataType[] = ["int8", "int16", "int32", "int64"];

/** Size and type that the header of a crackle stream, such as a `.ckl` file, states. Throws InvalidChunkError. */
export function describeCrackle(bytes: Uint8Array): Pick<ChunkDescription, "size" | "dtype"> {
  const { size, labelBytes, isSigned } = parseHeader(bytes);
  const dtype = (isSigned ? dtypesSigned : dtypesUnsigned)[Math.log2(labelBytes)] ?? "uint64";
  return { size, dtype };
}

/** The header, its own checksum compared. Throws InvalidChunkError for what is no crackle stream or of an unknown kind. */
export function parseHeader(bytes: Uint8Array): CrackleHeader {
  const version = bytes[4] ?? 0;
  const byteLength = version === 0 ? 24 : headerBytes;
  if (bytes.byteLength < byteLength || !magic.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidChunkError(`not a crackle stream: ${bytes.byteLength} bytes without its header`);
  }
  if (version > 1) {
    throw new InvalidChunkError(`crackle version is not supported: ${version} (known: 0, 1)`);
  }
  if (version === 1 && crc8(bytes.subarray(5, 28)) !== bytes[28]) {
    throw new InvalidChunkError("crackle header is damaged: its checksum does not match");
  }
  const view = viewOf(bytes);
  const format = view.getUint16(5, true);
  const size: Vec3 = [view.getUint32(7, true), view.getUint32(11, true), view.getUint32(15, true)];
  const labelFormat = (format >> 5) & 3;
  const gridBits = view.getUint8(19);
  if ((labelFormat & 1) !== 0 || 2 ** gridBits < Math.max(size[0], size[1])) {
    const found = `label format ${labelFormat}, grid 2^${gridBits}`;
    throw new InvalidChunkError(`crackle stream is of a kind that is not supported: ${found}`);
  }
  return {
    version,
    byteLength,
    size,
    labelBytes: 1 << (format & 3),
    storedBytes: 1 << ((format >> 2) & 3),
    isSigned: (format & 0x100) !== 0,
    isPermissible: (format & 0x10) !== 0,
    hasPins: labelFormat === 2,
    markovOrder: (format >> 9) & 15,
    labelSectionBytes: version === 0 ? view.getUint32(20, true) : Number(view.getBigUint64(20, true)),
  };
}

/** Throws InvalidChunkError when the stream holds another chunk than the one described. */
export function checkDescription(header: CrackleHeader, chunk: ChunkDescription): void {
  const { size, labelBytes, storedBytes, isSigned } = header;
  const isSignedChunk = chunk.dtype.startsWith("int");
  if (!equals(size, chunk.size) || labelBytes !== voxelBytes(chunk.dtype) || (isSigned && !isSignedChunk)) {
    const found = `${size.join(" x ")} ${isSigned ? "signed " : ""}labels of ${labelBytes} bytes`;
    throw new InvalidChunkError(`crackle chunk has ${found}, expected ${chunk.size.join(" x ")} of ${chunk.dtype}`);
  }
  if (storedBytes > labelBytes) {
    throw new InvalidChunkError(`crackle chunk stores labels of ${labelBytes} bytes in ${storedBytes}`);
  }
}

/** Finds the sections of a stream whose size has been compared. */
export function layOutFrame(bytes: Uint8Array, header: CrackleHeader): CrackleFrame {
  const slices = header.size[2];
  const checkBytes = header.version === 0 ? 0 : 4;
  const index = sectionAfter(header.byteLength, 4 * slices);
  const labels = sectionAfter(index.end + checkBytes, header.labelSectionBytes);
  const model = sectionAfter(labels.end, header.markovOrder === 0 ? 0 : Math.ceil((5 * 4 ** header.markovOrder) / 8));
  const end = bytes.byteLength - checkBytes * (slices + 1);
  if (model.end > end) {
    throw new InvalidChunkError(
      `crackle chunk is cut off: its sections need more than ${model.end} bytes of ${bytes.byteLength}`,
    );
  }
  const view = viewOf(bytes);
  const starts = new Float64Array(slices + 1);
  starts[0] = model.end;
  for (let z = 0; z < slices; z++) {
    starts[z + 1] = (starts[z] ?? 0) + view.getUint32(index.start + 4 * z, true);
  }
  if (starts[slices] !== end) {
    throw new InvalidChunkError(
      `crackle chunk is cut off or too long: its slices end at ${starts[slices]}, expected ${end}`,
    );
  }
  return { index, labels, model, slices: starts, checksums: header.version === 0 ? undefined : end };
}

/** Finds the parts of the labels section. */
export function layOutLabels(bytes: Uint8Array, header: CrackleHeader, { labels }: CrackleFrame): CrackleLabels {
  const [sx, sy, sz] = header.size;
  const { storedBytes, hasPins } = header;
  const view = viewOf(bytes);
  const countAt = labels.start + (hasPins ? storedBytes : 0);
  const fail = (): never => {
    throw new InvalidChunkError(
      `crackle chunk is damaged: its labels do not fit into ${labels.end - labels.start} bytes`,
    );
  };
  if (countAt + 8 > labels.end) {
    return fail();
  }
  const labelCount = Number(view.getBigUint64(countAt, true));
  const table = countAt + 8;
  const counts = table + labelCount * storedBytes;
  const countBytes = numberBytes(sx * sy);
  const start = counts + sz * countBytes + (hasPins ? 1 : 0);
  if (start > labels.end || labelCount > product(header.size)) {
    return fail();
  }
  const regionStarts = sumUp(view, { start: counts, end: counts + sz * countBytes }, countBytes);
  const widths = hasPins ? view.getUint8(start - 1) : numberBytes(labelCount);
  const assignment = { start, end: labels.end };
  const regions = regionStarts[sz] ?? 0;
  if (regions > product(header.size) || (!hasPins && assignment.end - start !== widths * regions)) {
    return fail();
  }
  return { labelCount, background: hasPins ? labels.start : undefined, table, regionStarts, assignment, widths };
}

/** Bytes of a number up to `most`. */
export function numberBytes(most: number): number {
  return most < 0x100 ? 1 : most < 0x1_0000 ? 2 : most < 0x1_0000_0000 ? 4 : 8;
}

/** A number of 1, 2, 4 or 8 bytes. */
export function readNumber(view: DataView, at: number, bytes: number): number {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true);
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** A view of all the bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** CRC-8, polynomial 0xe7 reflected, begun with 0xff. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xe7 : 0);
    }
  }
  return crc;
}

function sectionAfter(start: number, byteLength: number): Section {
  return { start, end: start + byteLength };
}

function sumUp(view: DataView, { start, end }: Section, bytes: number): Float64Array {
  const sums = new Float64Array((end - start) / bytes + 1);
  for (let i = 1; i < sums.length; i++) {
    sums[i] = (sums[i - 1] ?? 0) + readNumber(view, start + (i - 1) * bytes, bytes);
  }
  return sums;
}
