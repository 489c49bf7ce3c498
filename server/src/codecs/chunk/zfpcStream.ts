/**
 * zfp streams of a zfpc container: the calls of the kernel "zfpc", which describes the blocks.
 */
import type { DataType } from "../../base/dtype.ts";
import { InternalError, InvalidChunkError } from "../../errors.ts";
import type { Workspace } from "../workspace.ts";
import { type EncodedHeader, headerBytes, type Limits, readHeader, zfpTypes } from "./zfpcHeader.ts";

/** The kernel that these functions need. */
export const zfpcKernel = "zfpc";

interface Kernel {
  decode(
    input: number,
    inputBytes: number,
    bit: number,
    type: number,
    ...dimsLimitsSizesTargetScratch: number[]
  ): number;
  encode(voxels: number, type: number, ...dimsLimitsSizesStridesOutScratch: number[]): number;
}

/** One axis of a stream, in Fortran order: fastest first. */
export interface Axis {
  readonly size: number;
  readonly strideBytes: number;
  /** The part that is wanted. */
  readonly from: number;
  readonly to: number;
}

/** Arena bytes that a decoder or an encoder takes. */
export const scratchBytes = 13_312;

function allocateScratch({ arena, view }: Workspace, axes: number): number {
  const pointer = arena.allocate(scratchBytes);
  view(pointer, 4 ** axes).set(coefficientOrder(axes));
  return pointer;
}

/**
 * Decodes the wanted part of one stream, `sizeBytes` at `pointer`, to `target`, the address of its first wanted voxel. Throws
 * InvalidChunkError for a stream that is damaged, or of another type or size.
 */
type Decoder = (pointer: number, sizeBytes: number, target: number) => void;

/** A decoder of streams of these axes; its scratch memory lives in the arena. */
export function createDecoder(workspace: Workspace, dtype: DataType, axes: readonly Axis[]): Decoder {
  const kernel = workspace.kernel<Kernel>(zfpcKernel);
  const scratch = allocateScratch(workspace, axes.length);
  const size = axes.map((axis) => axis.size);
  const part = [
    ...four(size),
    ...four(
      axes.map(({ from }) => from),
      0,
    ),
    ...four(axes.map(({ to }) => to)),
  ];
  const strides = four(
    axes.map(({ strideBytes }) => strideBytes),
    0,
  );
  const type = zfpTypes.indexOf(dtype);
  return (pointer, sizeBytes, target) => {
    const { limits, bits } = readHeader(workspace.view(pointer, sizeBytes), dtype, size);
    const { minBits, maxBits, maxPrecision, minExponent } = limits;
    const status = kernel.decode(
      pointer,
      sizeBytes,
      bits,
      type,
      axes.length,
      minBits,
      maxBits,
      maxPrecision,
      minExponent,
      ...part,
      target,
      ...strides,
      scratch,
    );
    if (status < 0) {
      throw new InvalidChunkError(`zfp stream of ${sizeBytes} bytes is damaged: its blocks go on beyond its end`);
    }
  };
}

/** What all streams of a chunk have in common. */
interface StreamForm {
  readonly header: EncodedHeader;
  readonly dtype: DataType;
  readonly limits: Limits;
  readonly axes: readonly Axis[];
}

/** Encodes the stream whose first voxel is at `voxels` to `out`, where `mostStreamBytes` are free and 4096 more; its bytes. */
type Encoder = (voxels: number, out: number, outBytes: number) => number;

/** An encoder of such streams; its scratch memory lives in the arena. */
export function createEncoder(workspace: Workspace, { header, dtype, limits, axes }: StreamForm): Encoder {
  const kernel = workspace.kernel<Kernel>(zfpcKernel);
  const scratch = allocateScratch(workspace, axes.length);
  const { minBits, maxBits, maxPrecision, minExponent } = limits;
  const form = [zfpTypes.indexOf(dtype), axes.length, minBits, maxBits, maxPrecision, minExponent] as const;
  const sizes = four(axes.map(({ size }) => size));
  const strides = four(
    axes.map(({ strideBytes }) => strideBytes),
    0,
  );
  return (voxels, out, outBytes) => {
    workspace.view(out, header.bytes.byteLength).set(header.bytes);
    const written = kernel.encode(voxels, ...form, ...sizes, ...strides, out, outBytes, header.bits, scratch);
    if (written < 0) {
      throw new InternalError("the room for a zfp stream did not suffice");
    }
    return written;
  };
}

/** Bytes of a stream of this size at most. */
export function mostStreamBytes(dtype: DataType, size: readonly number[], { minBits, maxBits }: Limits): number {
  const bits = dtype.endsWith("64") ? 64 : 32;
  const blocks = size.reduce((count, side) => count * Math.ceil(side / 4), 1);
  // Of each coefficient: one bit a plane, and one more when it is first met. Before them a block's head.
  const blockBits = Math.max(minBits, Math.min(maxBits, (bits + 1) * 4 ** size.length) + 20);
  return headerBytes + Math.ceil((blocks * blockBits) / 8) + 8;
}

function four(values: readonly number[], rest = 1): readonly number[] {
  return [0, 1, 2, 3].map((axis) => values[axis] ?? rest);
}

/**
 * The place in a block, x + 4 y + 16 z + 64 w of zfp's own axes, of each coefficient, by the number of axes: ascending by the sum of its
 * coordinates, then by the sum of their squares; the rest is as it is.
 */
const places: readonly string[] = [
  "00010203",
  "0001040502080609030c0a070d0b0e0f",
  "0001041014110502082015061218092124030c3016192528220a07131c0d3134" +
    "29261a171d350b232c0e32382a1b272d1e36393c330f2b2e3a3d371f3e3b2f3f",
  "0001041040055011444114020820805451451506124218480960212481849003" +
    "0c30c0555246164919582564619491850aa0228882280713431c4c0d703134c1" +
    "c4d056596595a189298626a41a989268624a5347174d1d5c357471d4d1c50b23" +
    "832c8c0eb03238c2c8e05aa566999669a8a28a2a575d75d51b4b632787936c2d" +
    "8d9c1e4eb1b436727839c6d2d8c9e1e40ff033ccc33ca9a69a6a5b67976d9d5e" +
    "b57679d6d9e5a38b2b8e2eac3ab8b2e8e2caf1cd3dc737f41fdcd37c734faaa7" +
    "9b6b9e6ead7ab9b6e9e6da5ff577ddd77df2ce3ecb3bf82fece3bcb38fabaeba" +
    "eaf6de7edb7bf96fede7bdb79ffcf3cf3faffabbeeebbefdf7df7ffefbefbfff",
];

/** The place of each coefficient in the kernel's blocks: axis 0 is zfp's last, and axes 0 and 1 are exchanged. */
function coefficientOrder(axes: number): Uint8Array {
  const order = Uint8Array.from(places[axes - 1]?.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  // Where zfp's axes x, y, z, w are in the kernel's blocks.
  const shifts = [[2], [0, 2], [4, 0, 2], [6, 4, 0, 2]][axes - 1] ?? [];
  return order.map((place) => shifts.reduce((sum, shift, axis) => sum | (((place >> (2 * axis)) & 3) << shift), 0));
}
