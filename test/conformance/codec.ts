/** The suite that every chunk codec passes: shapes, dtypes, parts, strided targets, and damage of every kind. */
import { beforeAll, describe, expect, it } from "vitest";
import { type DataType, voxelBytes } from "../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../../server/src/codecs/codec.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";

/** A chunk whose bytes and voxels are known without the codec under test. */
export interface KnownChunk {
  readonly title: string;
  readonly chunk: ChunkDescription;
  readonly encoded: Uint8Array;
  readonly voxels: Uint8Array;
}

export interface CodecSuiteOptions {
  readonly descriptor: CodecDescriptor;
  readonly known?: readonly KnownChunk[];
  /** How far a lossy codec may stray on the smooth volumes of this suite. */
  readonly tolerance?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const sentinel = 0xa5;
const seed = 20_240_607;
const margin = 64;
const guardBytes = 4096;
const workspace = createFakeWorkspace(60 << 10, 8 << 20);
const untouched = Buffer.alloc(guardBytes + workspace.resultBytes, sentinel);
/** Damage is tried on at most this many chunks, spread over dtypes, sizes and contents. */
const mostDamaged = 40;

interface Subject {
  readonly title: string;
  readonly chunk: ChunkDescription;
  readonly voxels: Uint8Array;
  readonly encoded: Uint8Array;
}

/** Registers the suite for one codec. */
export function codecSuite(options: CodecSuiteOptions): void {
  const { descriptor, known = [], tolerance = 0 } = options;
  describe(`codec ${descriptor.name} (seed ${seed})`, () => {
    let codec: ChunkCodec;
    const subjects: Subject[] = [];
    beforeAll(async () => {
      codec = await descriptor.load();
      subjects.push(...known, ...encodedSubjects(codec, options));
      expect(subjects.length).toBeGreaterThan(0);
    });
    const forEach = (check: (subject: Subject) => void, most = Number.POSITIVE_INFINITY): void => {
      const step = Math.max(1, Math.ceil(subjects.length / most));
      for (let i = 0; i < subjects.length; i += step) {
        check(subjects[i] as Subject);
      }
    };

    it("decodes whole chunks of every dtype, channel count, size and content", () =>
      forEach((subject) => {
        const decoded = decode(codec, subject, [0, 0, 0], subject.chunk.size);
        expectNear(decoded, subject.voxels, tolerance, subject.title);
      }));

    it("decodes parts of chunks as the whole has them", () =>
      forEach((subject) => {
        const whole = decode(codec, subject, [0, 0, 0], subject.chunk.size);
        for (const [from, to] of someParts(subject.chunk.size)) {
          const part = decode(codec, subject, from, to);
          expect(Buffer.compare(part, crop(whole, subject.chunk, from, to)), `${subject.title} ${from} ${to}`).toBe(0);
        }
      }));

    it("reads input inside and outside the workspace's memory alike", () =>
      forEach((subject) => {
        const expected = decode(codec, subject, [0, 0, 0], subject.chunk.size);
        workspace.arena.reset();
        const pointer = workspace.arena.allocate(subject.encoded.byteLength + 3) + 3;
        const inside = workspace.view(pointer, subject.encoded.byteLength);
        inside.set(subject.encoded);
        const decoded = decode(codec, { ...subject, encoded: inside }, [0, 0, 0], subject.chunk.size, true);
        expect(Buffer.compare(decoded, expected), subject.title).toBe(0);
      }));

    it("does nothing for an empty part", () =>
      forEach((subject) => expect(decode(codec, subject, [0, 0, 0], [0, 1, 1])).toHaveLength(0)));

    it("refuses input that is cut off, or gives a chunk of the right size", () =>
      forEach((subject) => {
        for (const length of someLengths(subject.encoded.byteLength)) {
          expectHarmless(codec, subject, subject.encoded.subarray(0, length));
        }
      }, mostDamaged));

    it("refuses input of no bytes, and input of zeros", () =>
      forEach((subject) => {
        const none = outcome(codec, subject, new Uint8Array(0));
        expect(none, subject.title).toBe("invalid_chunk");
        expectHarmless(codec, subject, new Uint8Array(subject.encoded.byteLength + 1));
      }));

    it("refuses input with flipped bits, or gives a chunk of the right size", () => {
      const random = createRandom(seed);
      forEach((subject) => {
        for (let i = 0; i < 60; i++) {
          const damaged = new Uint8Array(subject.encoded);
          for (let flips = 1 + random.integer(3); flips > 0; flips--) {
            const at = random.integer(damaged.byteLength);
            damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8));
          }
          expectHarmless(codec, subject, damaged);
        }
      }, mostDamaged);
    });

    it("refuses the chunk of another size", () =>
      forEach((subject) => {
        const [x, y, z] = subject.chunk.size;
        const chunk = { ...subject.chunk, size: [x + 1, y + 1, z + 2] as const };
        expect(outcome(codec, { ...subject, chunk }, subject.encoded), subject.title).toMatch(/^(invalid_chunk|ok)$/);
      }));
  });
}

/** Volumes of the codec's own making: it must read what it writes. */
function encodedSubjects(codec: ChunkCodec, { descriptor, parameters = {}, tolerance }: CodecSuiteOptions): Subject[] {
  const { encode } = codec;
  if (encode === undefined) {
    return [];
  }
  const sizes: readonly Vec3[] = [
    [1, 1, 1],
    [13, 9, 5],
    [16, 8, 8],
    [3, 17, 1],
  ];
  const channelCounts = descriptor.channels ?? [1, 2, 3];
  return descriptor.dtypes.flatMap((dtype) =>
    channelCounts.flatMap((channels) =>
      sizes.flatMap((size) =>
        contents(tolerance !== undefined).map(([content, fill]) => {
          const chunk = { size, channels, dtype, parameters };
          const voxels = fill(chunk);
          workspace.arena.reset();
          const encoded = encode.call(codec, voxels, chunk, workspace);
          return { title: `${dtype} c${channels} ${size} ${content}`, chunk, voxels, encoded };
        }),
      ),
    ),
  );
}

type Fill = (chunk: ChunkDescription) => Uint8Array;

function contents(isLossy: boolean): readonly (readonly [string, Fill])[] {
  const bytesOf = ({ size, channels, dtype }: ChunkDescription): number => product(size) * channels * voxelBytes(dtype);
  const zeros: Fill = (chunk) => new Uint8Array(bytesOf(chunk));
  const constant: Fill = (chunk) => new Uint8Array(bytesOf(chunk)).fill(0x7b);
  const random: Fill = (chunk) => createRandom(seed).bytes(bytesOf(chunk));
  const few: Fill = (chunk) => blocks(chunk, 3);
  return isLossy
    ? [
        ["zeros", zeros],
        ["constant", constant],
      ]
    : [
        ["zeros", zeros],
        ["constant", constant],
        ["random", random],
        ["few", few],
      ];
}

/** Blocks of 4 x 4 x 2 voxels of a few values. */
function blocks({ size, channels, dtype }: ChunkDescription, values: number): Uint8Array {
  const bytes = voxelBytes(dtype);
  const palette = createRandom(seed + 1).bytes(values * bytes);
  const result = new Uint8Array(product(size) * channels * bytes);
  for (let i = 0; i < result.byteLength / bytes; i++) {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const value = ((x >> 2) * 5 + (y >> 2) * 3 + (z >> 1)) % values;
    result.set(palette.subarray(value * bytes, (value + 1) * bytes), i * bytes);
  }
  return result;
}

function someParts(size: Vec3): readonly (readonly [Vec3, Vec3])[] {
  const random = createRandom(seed);
  return Array.from({ length: 6 }, () => {
    const from = size.map((side) => random.integer(side)) as unknown as Vec3;
    const to = size.map((side, axis) => {
      const start = from[axis as 0 | 1 | 2];
      return start + 1 + random.integer(side - start);
    }) as unknown as Vec3;
    return [from, to] as const;
  });
}

/** All lengths of short input; of long input the ends and some between. */
function someLengths(length: number): readonly number[] {
  const random = createRandom(seed);
  return length <= 40
    ? Array.from({ length }, (_, i) => i)
    : [1, 3, 7, 20, length - 1, length - 2, length - 5, ...Array.from({ length: 30 }, () => random.integer(length))];
}

interface Strides {
  readonly rowBytes: number;
  readonly planeBytes: number;
  readonly channelBytes: number;
}

/** Rows, planes and channels with gaps between them, whole voxels wide. */
function stridesOf(from: Vec3, to: Vec3, dtype: DataType): Strides {
  const bytes = voxelBytes(dtype);
  const rowBytes = (to[0] - from[0] + 3) * bytes;
  const planeBytes = (to[1] - from[1] + 2) * rowBytes;
  return { rowBytes, planeBytes, channelBytes: (to[2] - from[2] + 1) * planeBytes };
}

/** Decodes into a strided target and checks that nothing around it changed; the dense voxels of the part. */
function decode(codec: ChunkCodec, { chunk, encoded }: Subject, from: Vec3, to: Vec3, keepArena = false): Uint8Array {
  const memory = workspace.view(workspace.resultPointer - guardBytes, untouched.byteLength);
  memory.set(untouched);
  if (!keepArena) {
    workspace.arena.reset();
  }
  const strides = stridesOf(from, to, chunk.dtype);
  const pointer = workspace.resultPointer + margin;
  try {
    codec.decode(encoded, chunk, { workspace, pointer, ...strides, from, to });
  } finally {
    expect(isUnharmed(memory, chunk, strides, from, to), "bytes outside the target were written").toBe(true);
  }
  return gather(memory, chunk, strides, from, to);
}

function rowsOf(
  { channels }: ChunkDescription,
  { rowBytes, planeBytes, channelBytes }: Strides,
  from: Vec3,
  to: Vec3,
): number[] {
  const offsets: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let z = 0; z < to[2] - from[2]; z++) {
      for (let y = 0; y < to[1] - from[1]; y++) {
        offsets.push(guardBytes + margin + c * channelBytes + z * planeBytes + y * rowBytes);
      }
    }
  }
  return offsets;
}

function gather(memory: Uint8Array, chunk: ChunkDescription, strides: Strides, from: Vec3, to: Vec3): Uint8Array {
  const width = (to[0] - from[0]) * voxelBytes(chunk.dtype);
  return Buffer.concat(rowsOf(chunk, strides, from, to).map((row) => memory.slice(row, row + width)));
}

function isUnharmed(memory: Uint8Array, chunk: ChunkDescription, strides: Strides, from: Vec3, to: Vec3): boolean {
  const width = (to[0] - from[0]) * voxelBytes(chunk.dtype);
  const copy = new Uint8Array(memory);
  for (const row of rowsOf(chunk, strides, from, to)) {
    copy.fill(sentinel, row, row + width);
  }
  return untouched.equals(copy);
}

function crop(voxels: Uint8Array, { size, channels, dtype }: ChunkDescription, from: Vec3, to: Vec3): Uint8Array {
  const bytes = voxelBytes(dtype);
  const rows: Uint8Array[] = [];
  for (let c = 0; c < channels; c++) {
    for (let z = from[2]; z < to[2]; z++) {
      for (let y = from[1]; y < to[1]; y++) {
        const row = ((c * size[2] + z) * size[1] + y) * size[0];
        rows.push(voxels.subarray((row + from[0]) * bytes, (row + to[0]) * bytes));
      }
    }
  }
  return Buffer.concat(rows);
}

/** "ok" or the tag; anything that is not an error of the engine's fails the test. */
function outcome(codec: ChunkCodec, subject: Subject, encoded: Uint8Array): string {
  try {
    decode(codec, { ...subject, encoded }, [0, 0, 0], subject.chunk.size);
    return "ok";
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag;
  }
}

function expectHarmless(codec: ChunkCodec, subject: Subject, encoded: Uint8Array): void {
  expect(outcome(codec, subject, encoded), subject.title).toMatch(/^(ok|invalid_chunk)$/);
}

function expectNear(found: Uint8Array, expected: Uint8Array, tolerance: number, title: string): void {
  if (tolerance === 0) {
    expect(Buffer.compare(found, expected), title).toBe(0);
    return;
  }
  expect(found.byteLength, title).toBe(expected.byteLength);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? 0))), 0);
  expect(worst, title).toBeLessThanOrEqual(tolerance);
}
