/**
 * zfpc: a container of zfp streams, one for each place on the axes that are not correlated. Lossless, or with `zfpc_rate`,
 * `zfpc_precision` or `zfpc_tolerance` lossy. The bytes are those that the reference writes.
 *
 * Little endian: "zfpc", u8 version 0, u8 type and mode, u32 nx, ny, nz, nw (channels), u8 correlated axes (x lowest bit), u64 offset of the
 * first stream, u64 size of each stream, streams one after the other, x fastest. Type and mode: bits 0-2 type (1 int32, 2 int64, 3 float32,
 * 4 float64), bits 3-5 mode (1 expert, 2 rate, 3 precision, 4 tolerance, 5 reversible), bit 7 set when the writer had the voxels in C order,
 * which changes nothing else. A stream has the correlated axes; its own header tells its mode exactly.
 */
import { type DataType, voxelBytes } from "../../base/dtype.ts";
import { InvalidArgumentError, InvalidChunkError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { createHeader, zfpTypes } from "./zfpcHeader.ts";
import { readSettings, type Settings } from "./zfpcSettings.ts";
import { type Axis, createDecoder, createEncoder, mostStreamBytes, scratchBytes, zfpcKernel } from "./zfpcStream.ts";

const magic = 0x63_70_66_7a;
const correlatedAt = 22;
const offsetAt = 23;
const indexAt = 31;
const indexEntryBytes = 8;
const mostModes = 5;
const bothOrders = 0x80;

function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const { workspace, from, to } = target;
  if (to.some((end, axis) => end <= (from[axis] ?? 0))) {
    return;
  }
  const correlated = readContainer(encoded, chunk);
  const strides = [voxelBytes(chunk.dtype), target.rowBytes, target.planeBytes, target.channelBytes];
  const axes = axesOf(chunk, strides, [...from, 0], [...to, chunk.channels]);
  const { shared, loose } = splitAxes(axes, correlated);
  const input = placeInMemory(workspace, encoded);
  const decodeOne = createDecoder(workspace, chunk.dtype, shared);
  const starts = readStarts(encoded, countOf(loose));
  forEachPlace(loose, (i, offset) => {
    const [start, end] = [starts[i] ?? 0, starts[i + 1] ?? 0];
    decodeOne(input + start, end - start, target.pointer + offset);
  });
}

/** Checks everything before the index; the bits of the correlated axes. */
function readContainer(encoded: Uint8Array, { size, channels, dtype }: ChunkDescription): number {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (encoded.byteLength < indexAt || view.getUint32(0, true) !== magic) {
    throw new InvalidChunkError("not a zfpc chunk: it does not begin with its header");
  }
  const [version, typeAndMode, correlated] = [view.getUint8(4), view.getUint8(5), view.getUint8(correlatedAt)];
  const mode = (typeAndMode >> 3) & 7;
  if (version !== 0 || mode === 0 || mode > mostModes || correlated === 0 || correlated > 15) {
    throw new InvalidChunkError(
      `zfpc chunk is not supported: version ${version}, mode ${mode}, correlated axes ${correlated}`,
    );
  }
  const found = zfpTypes[(typeAndMode & 7) - 1];
  const sizes = [0, 1, 2, 3].map((axis) => view.getUint32(6 + 4 * axis, true));
  const expected = [...size, channels];
  if (found !== dtype || sizes.some((side, axis) => side !== expected[axis])) {
    throw new InvalidChunkError(
      `zfpc chunk has ${found} voxels of ${sizes.join(" x ")}, expected ${dtype} of ${expected.join(" x ")}`,
    );
  }
  return correlated;
}

function axesOf(
  { size, channels }: ChunkDescription,
  strides: readonly number[],
  from: readonly number[],
  to: readonly number[],
): readonly Axis[] {
  return [...size, channels].map((side, axis) => ({
    size: side,
    strideBytes: strides[axis] ?? 0,
    from: from[axis] ?? 0,
    to: to[axis] ?? side,
  }));
}

interface SplitAxes {
  /** Those of each stream. */
  readonly shared: readonly Axis[];
  /** Those that each have one stream a place. */
  readonly loose: readonly Axis[];
}

function splitAxes(axes: readonly Axis[], correlated: number): SplitAxes {
  const isShared = (axis: number): boolean => ((correlated >> axis) & 1) === 1;
  return {
    shared: axes.filter((_, axis) => isShared(axis)),
    loose: axes.filter((_, axis) => !isShared(axis)),
  };
}

function countOf(loose: readonly Axis[]): number {
  return loose.reduce((count, { size }) => count * size, 1);
}

/** Where each stream starts, and where the last one ends: all in the chunk. */
function readStarts(encoded: Uint8Array, count: number): Float64Array {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const first = indexAt + count * indexEntryBytes;
  if (first > encoded.byteLength || view.getBigUint64(offsetAt, true) !== BigInt(first)) {
    throw new InvalidChunkError(
      `zfpc chunk of ${encoded.byteLength} bytes is damaged: its ${count} streams do not begin behind its index`,
    );
  }
  const starts = new Float64Array(count + 1);
  let end = first;
  starts[0] = first;
  for (let i = 0; i < count; i++) {
    const at = indexAt + i * indexEntryBytes;
    end += view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    if (end > encoded.byteLength) {
      throw new InvalidChunkError(
        `zfpc chunk of ${encoded.byteLength} bytes is damaged: stream ${i} of ${count} lies beyond its end`,
      );
    }
    starts[i + 1] = end;
  }
  return starts;
}

/** Calls `act` for each stream that is wanted: its number, and the offset in bytes of its voxels from the first that is wanted. */
function forEachPlace(loose: readonly Axis[], act: (stream: number, offset: number) => void): void {
  const count = countOf(loose);
  for (let i = 0; i < count; i++) {
    const offset = offsetOf(loose, i);
    if (offset !== undefined) {
      act(i, offset);
    }
  }
}

function offsetOf(loose: readonly Axis[], stream: number): number | undefined {
  let rest = stream;
  let offset = 0;
  for (const { size, strideBytes, from, to } of loose) {
    const place = rest % size;
    if (place < from || place >= to) {
      return undefined;
    }
    offset += (place - from) * strideBytes;
    rest = Math.floor(rest / size);
  }
  return offset;
}

function encode(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array {
  const settings = readSettings(chunk);
  const { arena } = workspace;
  const mark = arena.mark();
  try {
    const source = placeInMemory(workspace, voxels);
    const room = mostBytes(chunk, settings);
    const out = arena.allocate(room);
    const sizeBytes = encodeStreams(workspace, chunk, settings, { source, out, room });
    return new Uint8Array(workspace.view(out, sizeBytes));
  } finally {
    arena.reset(mark);
  }
}

/** Writes a chunk to `out`; its bytes. */
function encodeStreams(
  workspace: Workspace,
  chunk: ChunkDescription,
  settings: Settings,
  { source, out, room }: { readonly source: number; readonly out: number; readonly room: number },
): number {
  const { shared, loose } = splitAxes(denseAxes(chunk), settings.correlated);
  const sizes = shared.map(({ size }) => size);
  const header = createHeader(chunk.dtype, sizes, settings.limits);
  if (header === undefined) {
    throw new InvalidArgumentError(`zfpc cannot hold a stream of ${sizes.join(" x ")}: an axis is too long`, {
      hint: "use smaller chunks",
    });
  }
  const count = countOf(loose);
  const index = writeContainer(workspace.view(out, indexAt + count * indexEntryBytes), chunk, settings);
  let end = indexAt + count * indexEntryBytes;
  const encodeOne = createEncoder(workspace, { header, dtype: chunk.dtype, limits: settings.limits, axes: shared });
  forEachPlace(loose, (i, offset) => {
    const written = encodeOne(source + offset, out + end, room - end);
    index.setBigUint64(indexAt + i * indexEntryBytes, BigInt(written), true);
    end += written;
  });
  return end;
}

function denseAxes(chunk: ChunkDescription): readonly Axis[] {
  const row = chunk.size[0] * voxelBytes(chunk.dtype);
  const plane = row * chunk.size[1];
  return axesOf(chunk, [voxelBytes(chunk.dtype), row, plane, plane * chunk.size[2]], [], []);
}

/** Writes all but the sizes of the streams, whose place is zeroed. */
function writeContainer(
  bytes: Uint8Array,
  { size, channels, dtype }: ChunkDescription,
  { mode, correlated }: Settings,
): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sides = [...size, channels];
  view.setUint32(0, magic, true);
  view.setUint8(4, 0);
  // Voxels along no more than one axis are in both orders.
  const order = sides.filter((side) => side > 1).length > 1 ? 0 : bothOrders;
  view.setUint8(5, (zfpTypes.indexOf(dtype) + 1) | (mode << 3) | order);
  sides.forEach((side, axis) => {
    view.setUint32(6 + 4 * axis, side, true);
  });
  view.setUint8(correlatedAt, correlated);
  view.setBigUint64(offsetAt, BigInt(bytes.byteLength), true);
  return view;
}

/** Header, index, and streams of blocks that take all that their limits allow. */
function mostBytes(chunk: ChunkDescription, { correlated, limits }: Settings): number {
  const { shared, loose } = splitAxes(denseAxes(chunk), correlated);
  const sizes = shared.map(({ size }) => size);
  return indexAt + countOf(loose) * (indexEntryBytes + mostStreamBytes(chunk.dtype, sizes, limits)) + 4096;
}

function encodeScratchBytes(chunk: ChunkDescription): number {
  const voxels = chunk.size[0] * chunk.size[1] * chunk.size[2] * chunk.channels * voxelBytes(chunk.dtype);
  return voxels + mostBytes(chunk, readSettings(chunk)) + scratchBytes + 1024;
}

const codec: ChunkCodec = { decode, encode, decodeScratchBytes: () => scratchBytes + 1024, encodeScratchBytes };
const dtypes: readonly DataType[] = zfpTypes;

/** int32, int64, float32 and float64, any channel count. */
export const zfpcCodec: CodecDescriptor = {
  name: "zfpc",
  dtypes,
  contentType: "application/octet-stream",
  kernels: [zfpcKernel],
  load: async () => codec,
};
