/** What can be asked of one encoded chunk of labels; without a full decode where the encoding has a way. */
import { type VoxelArray, voxelBytes, voxelView } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { LabelQueries } from "../codecs/codec.ts";
import { InvalidArgumentError, UnsupportedError } from "../errors.ts";
import {
  type ChunkForm,
  type ChunkToolsHost,
  type OpenedForm,
  openForm,
  queryArenaBytes,
  usingToRead,
} from "./chunkForm.ts";
import { decodeInto } from "./decodeChunk.ts";

/** Labels are as the dtype has them, 64-bit: those of signed types may be negative. */
export interface ChunkQueries {
  /** The distinct labels that voxels have, ascending. Throws UnsupportedError for encodings of images; so do the others. */
  labels(encoded: Uint8Array, form: ChunkForm): Promise<BigUint64Array | BigInt64Array>;
  contains(encoded: Uint8Array, form: ChunkForm, label: bigint): Promise<boolean>;
  /** The value at `position`, from the chunk's corner; one for each channel. Throws InvalidArgumentError outside. */
  voxel(encoded: Uint8Array, form: ChunkForm, position: Vec3): Promise<readonly bigint[]>;
  /** The chunk with labels replaced. Labels without a new value stay with `keepOthers`, else are an InvalidArgumentError. */
  remap(
    encoded: Uint8Array,
    form: ChunkForm,
    mapping: ReadonlyMap<bigint, bigint>,
    options?: { readonly keepOthers?: boolean },
  ): Promise<Uint8Array>;
  /** One byte a voxel: 1 where the label is, else 0. */
  binaryImage(encoded: Uint8Array, form: ChunkForm, label: bigint): Promise<Uint8Array>;
  /** Voxels in the smallest unsigned type, and the label of each value: `labels[value]`. 0 stays 0, the others count from 1, ascending. */
  renumber(
    encoded: Uint8Array,
    form: ChunkForm,
  ): Promise<{ readonly voxels: VoxelArray; readonly labels: BigUint64Array | BigInt64Array }>;
}

type Asked = OpenedForm & { readonly queries: LabelQueries };

export function createChunkQueries(host: ChunkToolsHost): ChunkQueries {
  /** Runs a query of the codec's; an empty chunk is answered by `ofBackground`. */
  async function ask<T>(
    encoded: Uint8Array,
    form: ChunkForm,
    query: (asked: Asked, workspace: Parameters<LabelQueries["unique"]>[2]) => T,
    ofBackground?: (background: bigint) => T,
  ): Promise<T> {
    const opened = await openForm(host, form);
    const queries = opened.codec.labels;
    if (queries === undefined) {
      throw new UnsupportedError(`encoding "${form.encoding}" answers no questions about labels`);
    }
    if (encoded.byteLength === 0 && ofBackground !== undefined) {
      return ofBackground(opened.backgroundPattern);
    }
    return usingToRead(host, form, queryArenaBytes(opened, encoded), (workspace) =>
      query({ ...opened, queries }, workspace),
    );
  }

  return {
    labels: async (encoded, form) =>
      fromBits(
        await ask(
          encoded,
          form,
          ({ queries, chunk }, workspace) => queries.unique(encoded, chunk, workspace),
          (background) => BigUint64Array.of(background),
        ),
        form,
      ),
    contains: (encoded, form, label) =>
      ask(
        encoded,
        form,
        ({ queries, chunk }, workspace) => queries.contains(encoded, chunk, toBits(label, form), workspace),
        (background) => background === toBits(label, form),
      ),
    async voxel(encoded, form, position) {
      checkInside(position, form.size);
      const bits = await ask(
        encoded,
        form,
        ({ queries, chunk }, workspace) => queries.voxel(encoded, chunk, position, workspace),
        (background) => Array<bigint>(form.channels ?? 1).fill(background),
      );
      return [...fromBits(BigUint64Array.from(bits), form, false)];
    },
    remap: (encoded, form, mapping, { keepOthers = false } = {}) =>
      ask(encoded, form, ({ queries, chunk }, workspace) => {
        const valuesOf = (labels: BigUint64Array): BigUint64Array =>
          labels.map((label) => newLabel(label, form, mapping, keepOthers));
        return queries.remap(encoded, chunk, { valuesOf }, workspace).slice();
      }),
    binaryImage: (encoded, form, label) =>
      ask(encoded, form, (asked, workspace) => {
        const wanted = toBits(label, form);
        const isEmptyMatch = encoded.byteLength === 0 && asked.backgroundPattern === wanted;
        const mapping = {
          voxelBytes: 1 as const,
          valuesOf: (labels: BigUint64Array) => labels.map((one) => (one === wanted ? 1n : 0n)),
        };
        const background = { chunk: asked.chunk, backgroundPattern: isEmptyMatch ? 1n : 0n };
        return decodeInto(workspace, background, encoded, 1, (target) =>
          asked.queries.decodeMapped(encoded, asked.chunk, mapping, target),
        );
      }),
    async renumber(encoded, form) {
      const found = await ask(
        encoded,
        form,
        ({ queries, chunk }, workspace) => queries.unique(encoded, chunk, workspace),
        (background) => BigUint64Array.of(background),
      );
      const labels = BigUint64Array.from([0n, ...found.filter((label) => label !== 0n)]);
      const bytes = labels.length <= 2 ** 8 ? 1 : labels.length <= 2 ** 16 ? 2 : 4;
      const numbers = new Map(Array.from(labels, (label, index) => [label, BigInt(index)]));
      const valuesOf = (all: BigUint64Array): BigUint64Array => all.map((label) => numbers.get(label) ?? 0n);
      const voxels = await ask(encoded, form, (asked, workspace) => {
        const background = { chunk: asked.chunk, backgroundPattern: numbers.get(asked.backgroundPattern) ?? 0n };
        return decodeInto(workspace, background, encoded, bytes, (target) =>
          asked.queries.decodeMapped(encoded, asked.chunk, { voxelBytes: bytes, valuesOf }, target),
        );
      });
      const dtype = bytes === 1 ? "uint8" : bytes === 2 ? "uint16" : "uint32";
      return { voxels: voxelView(dtype, voxels.buffer), labels: fromBits(labels, form, false) };
    },
  };
}

function newLabel(bits: bigint, form: ChunkForm, mapping: ReadonlyMap<bigint, bigint>, keepOthers: boolean): bigint {
  const label = fromBits(BigUint64Array.of(bits), form, false)[0] as bigint;
  const value = mapping.get(label);
  if (value === undefined && !keepOthers) {
    throw new InvalidArgumentError(`no new value for a label of the chunk: ${label}`, {
      hint: "give it one, or keep labels without one (keepOthers)",
    });
  }
  return value === undefined ? bits : toBits(value, form);
}

/** A label of the dtype as its unsigned bits. Throws InvalidArgumentError where the dtype cannot hold it. */
function toBits(label: bigint, { dtype }: ChunkForm): bigint {
  const width = voxelBytes(dtype) * 8;
  const bits = BigInt.asUintN(width, label);
  const back = dtype.startsWith("int") ? BigInt.asIntN(width, bits) : bits;
  if (back !== label) {
    throw new InvalidArgumentError(`not a label of ${dtype}: ${label}`);
  }
  return bits;
}

/** Bits as labels of the dtype; of signed types ascending again unless told otherwise. */
function fromBits(bits: BigUint64Array, { dtype }: ChunkForm, isSorted = true): BigUint64Array | BigInt64Array {
  if (!dtype.startsWith("int")) {
    return bits;
  }
  const width = voxelBytes(dtype) * 8;
  const labels = BigInt64Array.from(bits, (value) => BigInt.asIntN(width, value));
  return isSorted ? labels.sort() : labels;
}

function checkInside(position: Vec3, size: Vec3): void {
  if (!position.every((at, axis) => Number.isInteger(at) && at >= 0 && at < (size[axis] ?? 0))) {
    throw new InvalidArgumentError(`the position is not inside the chunk of ${size.join("x")}: ${position.join(", ")}`);
  }
}
