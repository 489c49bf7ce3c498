/**
 * Streams of fpzip: fields of nx x ny x nz floats, one after the other. The codecs that use them say which axis is which.
 *
 * The layout is described in the kernel "fpzip", which does the work; here are the header's promises, scratch memory and error texts.
 */
import { voxelBytes } from "../../base/dtype.ts";
import { InternalError, InvalidArgumentError, InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, DecodeTarget } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";

/** The kernel that `decodeStream` and `encodeStream` need. */
export const fpzipKernel = "fpzip";

/** How a chunk lies in a stream. Planes of x and y are the same in both. */
export interface StreamOrder {
  /** "channels": fields are channels of z planes. "planes": fields are z planes of channels. */
  readonly fields: "channels" | "planes";
  /** What is added to each value before it is encoded, in the value's own type. */
  readonly bias: number;
}

interface Kernel {
  open(input: number, inputBytes: number, scratch: number, header: number): number;
  decode(
    scratch: number,
    isDouble: number,
    precision: number,
    ...sizesFromToTargetStridesBias: readonly number[]
  ): number;
  encode(scratch: number, isDouble: number, precision: number, ...sizesSourceStridesBiasOut: readonly number[]): number;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "it is cut off",
  [-2]: "a code that no value has",
  [-3]: "bytes follow its end",
};

/** Four numbers each. */
type StreamSizes = readonly [nx: number, ny: number, nz: number, nf: number];

const headerNumbers = 12;
const magic = [0x66, 0x70, 0x7a, 0];
const supportedVersion = 0x0110;
const supportedMode = 1;
/** Coder, model and a block of input; then alignment and slack. */
const stateBytes = 16640 + 256;
/** A symbol and parts of 16 bits, 3 bytes each. */
const mostBytesPerValue = { float32: 9, float64: 15 } as const;

/** Decodes the wanted part of a chunk. Throws InvalidChunkError. */
export function decodeStream(
  encoded: Uint8Array,
  chunk: ChunkDescription,
  target: DecodeTarget,
  order: StreamOrder,
): void {
  const { workspace, from, to } = target;
  const kernel = workspace.kernel<Kernel>(fpzipKernel);
  const scratch = workspace.arena.allocate(decodeScratchBytes(chunk));
  const header = workspace.arena.allocate(headerNumbers * 4);
  const input = placeInMemory(workspace, encoded);
  check(kernel.open(input, encoded.byteLength, scratch, header));
  const precision = readPrecision(new Uint32Array(workspace.memory.buffer, header, headerNumbers), chunk, order);
  if (to.some((end, axis) => end <= (from[axis] ?? 0))) {
    return;
  }
  const areFieldsChannels = order.fields === "channels";
  const channels: readonly [number, number] = [0, chunk.channels];
  const planes: readonly [number, number] = [from[2], to[2]];
  const [inner, outer] = areFieldsChannels ? [planes, channels] : [channels, planes];
  const strides = areFieldsChannels
    ? [target.planeBytes, target.channelBytes]
    : [target.channelBytes, target.planeBytes];
  check(
    kernel.decode(
      scratch,
      chunk.dtype === "float64" ? 1 : 0,
      precision,
      ...sizesOf(chunk, order),
      from[0],
      from[1],
      inner[0],
      outer[0],
      to[0],
      to[1],
      inner[1],
      outer[1],
      target.pointer,
      target.rowBytes,
      ...strides,
      order.bias,
    ),
  );
}

function check(status: number): void {
  if (status < 0) {
    throw new InvalidChunkError(`fpzip stream is damaged: ${problems[status] ?? `status ${status}`}`);
  }
}

/** Checks the header against what is promised; its precision. */
function readPrecision(header: Uint32Array, chunk: ChunkDescription, order: StreamOrder): number {
  const [version = 0, mode = 0, type = 0, precision = 0, ...sizes] = header.subarray(4);
  if (!magic.every((byte, i) => header[i] === byte)) {
    throw new InvalidChunkError("not an fpzip stream: it does not begin with its header");
  }
  if (version !== supportedVersion || mode !== supportedMode) {
    throw new InvalidChunkError(`fpzip stream is not supported: version ${version}, mode ${mode}`);
  }
  const expected = sizesOf(chunk, order);
  const dtype = type === 1 ? "float64" : "float32";
  if (dtype !== chunk.dtype || !expected.every((size, i) => size === sizes[i])) {
    throw new InvalidChunkError(
      `fpzip stream has ${dtype} values of ${sizes.join(" x ")}, expected ${chunk.dtype} of ${expected.join(" x ")}`,
    );
  }
  if (!isPrecision(precision, dtype)) {
    throw new InvalidChunkError(`fpzip stream has an impossible precision for ${dtype}: ${precision}`);
  }
  return precision;
}

/** Bits that values can keep: all (0), 2 to 32 of float32, an even number of 4 to 64 of float64. */
export function isPrecision(precision: number, dtype: ChunkDescription["dtype"]): boolean {
  const step = dtype === "float64" ? 2 : 1;
  const steps = precision / step;
  return precision === 0 || (Number.isInteger(steps) && steps >= 2 && steps <= 32);
}

/** Encodes a chunk with so many bits of precision; 0 = all. */
export function encodeStream(
  voxels: Uint8Array,
  chunk: ChunkDescription,
  workspace: Workspace,
  { precision, ...order }: StreamOrder & { readonly precision: number },
): Uint8Array {
  const { arena } = workspace;
  const mark = arena.mark();
  try {
    const sizes = sizesOf(chunk, order);
    if (sizes.some((size) => size === 0)) {
      throw new InvalidArgumentError(`fpzip cannot hold a chunk without voxels: ${sizes.join(" x ")}`);
    }
    const source = placeInMemory(workspace, voxels);
    const scratch = arena.allocate(encoderBytes(chunk));
    const plane = chunk.size[0] * chunk.size[1] * voxelBytes(chunk.dtype);
    const strides = order.fields === "channels" ? [plane, plane * chunk.size[2]] : [plane * chunk.size[2], plane];
    const kernel = workspace.kernel<Kernel>(fpzipKernel);
    const beforeOut = arena.mark();
    for (const room of outputRooms(chunk)) {
      arena.reset(beforeOut);
      const out = arena.allocate(room);
      const isDouble = chunk.dtype === "float64" ? 1 : 0;
      const written = kernel.encode(scratch, isDouble, precision, ...sizes, source, ...strides, order.bias, out, room);
      if (written >= 0) {
        return new Uint8Array(workspace.view(out, written));
      }
    }
    throw new InternalError("the room for an fpzip stream did not suffice");
  } finally {
    arena.reset(mark);
  }
}

function sizesOf({ size, channels }: ChunkDescription, { fields }: StreamOrder): StreamSizes {
  return fields === "channels" ? [...size, channels] : [size[0], size[1], channels, size[2]];
}

/** Half more than the values does for all but values that were chosen to be hard; then the worst case. */
function outputRooms(chunk: ChunkDescription): readonly number[] {
  const values = chunk.size[0] * chunk.size[1] * chunk.size[2] * chunk.channels;
  const more = 20 * chunk.size[0] + 4096;
  const most = mostBytesPerValue[chunk.dtype === "float64" ? "float64" : "float32"];
  return [Math.ceil(1.5 * values * voxelBytes(chunk.dtype)) + more, most * values + more];
}

/** Arena bytes that `decodeStream` takes: the kernel's state and two planes of slanted groups of rows. */
export function decodeScratchBytes({ size, dtype }: ChunkDescription): number {
  const groups = Math.ceil((size[1] * voxelBytes(dtype)) / 16) + 1;
  return stateBytes + 2 * groups * (size[0] + 8) * 16 + 1024;
}

/** Arena bytes that `encodeStream` takes, but for values that were chosen to be hard. */
export function encodeScratchBytes(chunk: ChunkDescription): number {
  const bytes = chunk.size[0] * chunk.size[1] * chunk.size[2] * chunk.channels * voxelBytes(chunk.dtype);
  return bytes + encoderBytes(chunk) + (outputRooms(chunk)[0] ?? 0) + 1024;
}

/** Scratch memory of the kernel for encoding: its state, two planes with a border, two rows. */
function encoderBytes({ size, dtype }: ChunkDescription): number {
  const rowBytes = (size[0] + 1) * voxelBytes(dtype);
  return stateBytes + 2 * rowBytes * (size[1] + 1) + 2 * rowBytes;
}
