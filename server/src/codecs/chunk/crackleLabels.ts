/** Questions about the labels of crackle chunks: answered from the labels section, or from the slice that a voxel is in. */
import { voxelBytes } from "../../base/dtype.ts";
import type { ChunkDescription, LabelMapping, LabelQueries } from "../codec.ts";
import { mappedValues } from "../labelQueries.ts";
import type { Workspace } from "../workspace.ts";
import {
  checkStatus,
  type LabelTable,
  type OpenStream,
  openStream,
  paintPart,
  readSlice,
  storedTable,
} from "./crackleSlices.ts";
import { crc8, numberBytes, readNumber, viewOf } from "./crackleStream.ts";

/** Runs `work` on a stream, and gives back the scratch that it took. */
function withStream<T>(
  encoded: Uint8Array,
  chunk: ChunkDescription,
  workspace: Workspace,
  work: (stream: OpenStream) => T,
): T {
  const mark = workspace.arena.mark();
  try {
    return work(openStream(encoded, chunk, workspace));
  } finally {
    workspace.arena.reset(mark);
  }
}

/** Labels of the table, in its order, then the background if there is one; repeats are possible. */
function tableOf({ header, labels, bytes }: OpenStream, dtypeBits: number): BigUint64Array {
  const { labelCount, table, background } = labels;
  const { storedBytes, isSigned } = header;
  const view = viewOf(bytes);
  const read = (at: number): bigint => {
    const bits = storedBytes === 8 ? view.getBigUint64(at, true) : BigInt(readNumber(view, at, storedBytes));
    return isSigned ? BigInt.asUintN(dtypeBits, BigInt.asIntN(8 * storedBytes, bits)) : bits;
  };
  const result = new BigUint64Array(labelCount + (background === undefined ? 0 : 1));
  for (let i = 0; i < labelCount; i++) {
    result[i] = read(table + i * storedBytes);
  }
  if (background !== undefined) {
    result[labelCount] = read(background);
  }
  return result;
}

/** Which labels of the table a region has; pins tell it only together with the slices. */
function usedFlags(stream: OpenStream): Uint8Array {
  const { kernel, header, labels, scratch, pointer, workspace } = stream;
  const { labelCount, assignment, widths, regionStarts } = labels;
  const flags = workspace.arena.allocate(labelCount + 1);
  workspace.view(flags, labelCount + 1).fill(0);
  if (header.hasPins) {
    for (let z = 0; z < header.size[2]; z++) {
      const { regions } = readSlice(stream, z);
      kernel.flag(scratch.factors, regions, labelCount, flags);
    }
  } else {
    const regions = regionStarts[header.size[2]] ?? 0;
    checkStatus(kernel.flagFlat(pointer + assignment.start, widths, regions, labelCount, flags));
  }
  return workspace.view(flags, labelCount + 1);
}

const bitsOf = ({ dtype }: ChunkDescription): number => 8 * voxelBytes(dtype);

/** The distinct labels that regions have. Slices of flat labels are not read, so that damage of theirs goes unseen. */
function unique(encoded: Uint8Array, chunk: ChunkDescription, workspace: Workspace): BigUint64Array {
  return withStream(encoded, chunk, workspace, (stream) => {
    const flags = usedFlags(stream);
    return distinct(tableOf(stream, bitsOf(chunk)).filter((_, i) => flags[i] === 1));
  });
}

function contains(encoded: Uint8Array, chunk: ChunkDescription, label: bigint, workspace: Workspace): boolean {
  return withStream(encoded, chunk, workspace, (stream) => {
    const table = tableOf(stream, bitsOf(chunk));
    const flags = table.includes(label) ? usedFlags(stream) : undefined;
    return flags !== undefined && table.some((value, i) => value === label && flags[i] === 1);
  });
}

const voxel: LabelQueries["voxel"] = (encoded, chunk, position, workspace) =>
  withStream(encoded, chunk, workspace, (stream) => {
    const pointer = workspace.arena.allocate(8);
    const [x, y, z] = position;
    const strides = { rowBytes: 8, planeBytes: 8, channelBytes: 8 };
    const target = { workspace, pointer, ...strides, from: position, to: [x + 1, y + 1, z + 1] } as const;
    paintPart(stream, storedTable(stream), target, voxelBytes(chunk.dtype));
    return [BigInt.asUintN(bitsOf(chunk), new DataView(workspace.memory.buffer).getBigUint64(pointer, true))];
  });

const decodeMapped: LabelQueries["decodeMapped"] = (encoded, chunk, mapping, target) => {
  if (target.to.some((end, axis) => end <= (target.from[axis] ?? 0))) {
    return;
  }
  withStream(encoded, chunk, target.workspace, (stream) => {
    const table = mappedTable(stream, valuesFor(tableOf(stream, bitsOf(chunk)), mapping, mapping.voxelBytes));
    paintPart(stream, table, target, mapping.voxelBytes);
  });
};

/** Values of all entries of a table; the mapping is asked once for the distinct ones. */
function valuesFor(table: BigUint64Array, mapping: LabelMapping, bytes: number): BigUint64Array {
  const labels = distinct(table);
  const values = mappedValues(mapping, labels, bytes);
  const places = new Map(Array.from(labels, (label, i) => [label, i]));
  return table.map((label) => values[places.get(label) ?? 0] ?? 0n);
}

function mappedTable({ workspace, labels }: OpenStream, values: BigUint64Array): LabelTable {
  const pointer = workspace.arena.allocate(values.byteLength);
  new BigUint64Array(workspace.memory.buffer, pointer, values.length).set(values);
  return { pointer, width: 8, isSigned: false, background: pointer + 8 * labels.labelCount };
}

function distinct(labels: BigUint64Array): BigUint64Array {
  const sorted = labels.slice().sort();
  return sorted.filter((label, i) => i === 0 || label !== sorted[i - 1]);
}

const unsortedBit = 0x2000;
const remappedBit = 0x4000;

/**
 * As the reference does it: the table keeps its order and may repeat a label, which two bits of the header say; it grows where a value needs
 * more bytes, and never shrinks. Regions and cracks stay as they are.
 */
const remap: LabelQueries["remap"] = (encoded, chunk, mapping, workspace) =>
  withStream(encoded, chunk, workspace, (stream) => {
    const values = valuesFor(tableOf(stream, bitsOf(chunk)), mapping, voxelBytes(chunk.dtype));
    const { header, labels, frame } = stream;
    const most = values.slice().sort().at(-1) ?? 0n;
    const width = header.isSigned ? header.labelBytes : Math.max(header.storedBytes, numberBytes(Number(most)));
    const section = labelSection(stream, values, width);
    const shift = section.byteLength - (frame.labels.end - frame.labels.start);
    const result = new Uint8Array(encoded.byteLength + shift);
    result.set(encoded.subarray(0, frame.labels.start));
    result.set(section, frame.labels.start);
    result.set(encoded.subarray(frame.labels.end), frame.labels.start + section.byteLength);
    sealHeader(result, stream, values.subarray(0, labels.labelCount), width, section.byteLength);
    if (frame.checksums !== undefined) {
      const mark = workspace.arena.allocate(section.byteLength);
      workspace.view(mark, section.byteLength).set(section);
      const crc = stream.kernel.crc32c(mark, section.byteLength, stream.scratch.tables);
      viewOf(result).setUint32(frame.checksums + shift, crc >>> 0, true);
    }
    return result;
  });

function labelSection({ bytes, header, labels, frame }: OpenStream, values: BigUint64Array, width: number): Uint8Array {
  const { labelCount, table, background } = labels;
  const rest = bytes.subarray(table + labelCount * header.storedBytes, frame.labels.end);
  const start = background === undefined ? 0 : width;
  const section = new Uint8Array(start + 8 + labelCount * width + rest.byteLength);
  const view = viewOf(section);
  const write = (at: number, value: bigint): void => {
    const low = new DataView(new ArrayBuffer(8));
    low.setBigUint64(0, value, true);
    section.set(new Uint8Array(low.buffer, 0, width), at);
  };
  if (background !== undefined) {
    write(0, values[labelCount] ?? 0n);
  }
  view.setBigUint64(start, BigInt(labelCount), true);
  for (let i = 0; i < labelCount; i++) {
    write(start + 8 + i * width, values[i] ?? 0n);
  }
  section.set(rest, section.byteLength - rest.byteLength);
  return section;
}

/** Makes the header right for another table. */
function sealHeader(
  result: Uint8Array,
  { header }: OpenStream,
  table: BigUint64Array,
  width: number,
  sectionBytes: number,
): void {
  const view = viewOf(result);
  const isUnsorted = table.some((label, i) => i > 0 && label < (table[i - 1] ?? 0n));
  const kept = view.getUint16(5, true) & ~(unsortedBit | 0b1100);
  view.setUint16(5, kept | remappedBit | (isUnsorted ? unsortedBit : 0) | (Math.log2(width) << 2), true);
  if (header.version === 0) {
    view.setUint32(20, sectionBytes, true);
  } else {
    view.setBigUint64(20, BigInt(sectionBytes), true);
    result[28] = crc8(result.subarray(5, 28));
  }
}

/** `voxel` checks its own slice, the others all that they read. */
export const crackleLabels: LabelQueries = { unique, contains, voxel, remap, decodeMapped };
