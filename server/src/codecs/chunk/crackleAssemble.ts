/** Puts the parts of a crackle stream together. */
import { voxelBytes } from "../../base/dtype.ts";
import type { ChunkDescription } from "../codec.ts";
import type { Job, Slices } from "./crackleEncodeJob.ts";
import { crc8, headerBytes, numberBytes, viewOf } from "./crackleStream.ts";

/** The stream of slices that are encoded: header, z index, labels, cracks, checksums. */
export function assemble(job: Job, slices: Slices): Uint8Array {
  const { kernel, chunk, scratch, workspace } = job;
  const [sx, sy, sz] = chunk.size;
  const codesBytes = slices.sizes.reduce((sum, bytes) => sum + bytes, 0);
  const regionCount = slices.regions.reduce((sum, count) => sum + count, 0);
  const labelCount = new Uint32Array(workspace.memory.buffer, scratch.set, 1)[0] ?? 0;
  const [sorted, ranks] = [scratch.set + 16, scratch.set + 16 + 8 * labelCount];
  kernel.sortLabels(scratch.labels, labelCount, sorted, ranks);
  const order = orderOf(new BigUint64Array(workspace.memory.buffer, sorted, labelCount), chunk);
  const countBytes = numberBytes(sx * sy);
  const mapBytes = numberBytes(labelCount);
  const countsAt = 8 + labelCount * order.storedBytes;
  const sectionBytes = countsAt + sz * countBytes + regionCount * mapBytes;

  const section = Math.ceil((scratch.out + codesBytes) / 16) * 16;
  const sectionView = viewOf(workspace.view(section, sectionBytes));
  sectionView.setBigUint64(0, BigInt(labelCount), true);
  kernel.writeLabels(sorted, labelCount, order.storedBytes, section + 8);
  for (const [z, count] of slices.regions.entries()) {
    writeNumber(sectionView, countsAt + z * countBytes, count, countBytes);
  }
  kernel.writeMap(scratch.indices, regionCount, ranks, mapBytes, section + countsAt + sz * countBytes);

  const codesAt = headerBytes + 4 * sz + 4 + sectionBytes;
  const result = new Uint8Array(codesAt + codesBytes + 4 * (sz + 1));
  const view = viewOf(result);
  writeHeader(result, chunk, slices.isPermissible, order, sectionBytes);
  for (const [z, bytes] of slices.sizes.entries()) {
    view.setUint32(headerBytes + 4 * z, bytes, true);
  }
  view.setUint32(headerBytes + 4 * sz, checksumOfIndex(job, result.subarray(headerBytes, headerBytes + 4 * sz)), true);
  result.set(workspace.view(section, sectionBytes), headerBytes + 4 * sz + 4);
  result.set(workspace.view(scratch.out, codesBytes), codesAt);
  view.setUint32(codesAt + codesBytes, kernel.crc32c(section, sectionBytes, scratch.tables) >>> 0, true);
  for (const [z, crc] of slices.checksums.entries()) {
    view.setUint32(codesAt + codesBytes + 4 * (z + 1), crc, true);
  }
  return result;
}

interface LabelOrder {
  readonly storedBytes: number;
  readonly isUnsorted: boolean;
}

/** Labels are sorted as unsigned numbers. Signed ones keep their width, so that no reader needs to know how to widen them. */
function orderOf(sorted: BigUint64Array, { dtype }: ChunkDescription): LabelOrder {
  const most = sorted[sorted.length - 1] ?? 0n;
  if (!dtype.startsWith("int")) {
    return { storedBytes: numberBytes(Number(most)), isUnsorted: false };
  }
  const labelBytes = voxelBytes(dtype);
  const isNegative = (bits: bigint | undefined): boolean => BigInt.asIntN(8 * labelBytes, bits ?? 0n) < 0n;
  return { storedBytes: labelBytes, isUnsorted: isNegative(most) && !isNegative(sorted[0]) };
}

function writeHeader(
  result: Uint8Array,
  { size, dtype }: ChunkDescription,
  isPermissible: boolean,
  { storedBytes, isUnsorted }: LabelOrder,
  sectionBytes: number,
): void {
  const view = viewOf(result);
  const fortranBit = 0x80;
  const format =
    Math.log2(voxelBytes(dtype)) |
    (Math.log2(storedBytes) << 2) |
    (isPermissible ? 0x10 : 0) |
    fortranBit |
    (dtype.startsWith("int") ? 0x100 : 0) |
    (isUnsorted ? 0x2000 : 0);
  result.set([0x63, 0x72, 0x6b, 0x6c, 1]);
  view.setUint16(5, format, true);
  for (const [axis, side] of size.entries()) {
    view.setUint32(7 + 4 * axis, side, true);
  }
  view.setUint8(19, 31);
  view.setBigUint64(20, BigInt(sectionBytes), true);
  view.setUint8(28, crc8(result.subarray(5, 28)));
}

function checksumOfIndex({ kernel, workspace, scratch }: Job, bytes: Uint8Array): number {
  workspace.view(scratch.index, bytes.byteLength).set(bytes);
  return kernel.crc32c(scratch.index, bytes.byteLength, scratch.tables) >>> 0;
}

function writeNumber(view: DataView, at: number, value: number, bytes: number): void {
  if (bytes === 1) {
    view.setUint8(at, value);
  } else if (bytes === 2) {
    view.setUint16(at, value, true);
  } else {
    view.setUint32(at, value, true);
  }
}
