/** The suite of codecs that answer questions about labels: every answer is what the voxels say that were encoded. */
import { beforeAll, describe, expect, it } from "vitest";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor, LabelQueries } from "../../server/src/codecs/codec.ts";
import { InvalidArgumentError, isVolumeError } from "../../server/src/errors.ts";
import { createRandom, type Random } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";
import type { KnownChunk } from "./codec.ts";

export interface LabelSuiteOptions {
  readonly descriptor: CodecDescriptor;
  /** Chunks that our own encoder does not write. */
  readonly known?: readonly KnownChunk[];
  readonly parameters?: Readonly<Record<string, unknown>>;
}

interface Subject {
  readonly title: string;
  readonly chunk: ChunkDescription;
  readonly encoded: Uint8Array;
  /** Of the voxels, x fastest, channels last. */
  readonly labels: readonly bigint[];
}

const seed = 20_250_311;
/** Damage is tried on at most this many chunks, spread over dtypes, channels, sizes and contents. */
const mostDamaged = 25;
const workspace = createFakeWorkspace(1 << 20, 16 << 20);
const sizes: readonly Vec3[] = [
  [1, 1, 1],
  [13, 9, 5],
  [65, 8, 3],
];

/** Registers the suite for one codec. */
export function labelQueriesSuite({ descriptor, known = [], parameters = {} }: LabelSuiteOptions): void {
  describe(`label queries of ${descriptor.name} (seed ${seed})`, () => {
    let codec: ChunkCodec;
    let queries: LabelQueries;
    const subjects: Subject[] = [];
    beforeAll(async () => {
      codec = await descriptor.load();
      queries = codec.labels as LabelQueries;
      for (const { voxels, ...one } of [...known, ...ownChunks(descriptor, codec, parameters)]) {
        subjects.push({ ...one, labels: labelsOf(voxels, voxelBytes(one.chunk.dtype)) });
      }
      expect(subjects.length).toBeGreaterThan(0);
    });
    const forEach = (check: (subject: Subject, random: Random) => void, most = Number.POSITIVE_INFINITY): void => {
      const step = Math.max(1, Math.ceil(subjects.length / most));
      for (const subject of subjects.filter((_, index) => index % step === 0)) {
        workspace.arena.reset();
        check(subject, createRandom(seed));
      }
    };

    it("lists the labels that voxels have, ascending", () =>
      forEach(({ title, chunk, encoded, labels }) => {
        expect([...queries.unique(encoded, chunk, workspace)], title).toEqual(distinct(labels));
      }));

    it("finds the labels that voxels have, and no others", () =>
      forEach(({ title, chunk, encoded, labels }) => {
        const all = new Set(labels);
        const most = 2n ** BigInt(8 * voxelBytes(chunk.dtype));
        const wider = [most, most + (labels[0] ?? 0n)].filter((label) => label < 2n ** 64n);
        const others = [0n, 1n, 6n, 7n, 13n, most / 2n, most - 1n, most - 8n, 2n ** 63n, 2n ** 63n + 5n, ...wider];
        for (const label of [...[...all].slice(0, 20), ...others]) {
          expect(queries.contains(encoded, chunk, label, workspace), `${title}: ${label}`).toBe(all.has(label));
        }
      }));

    it("gives the label of a voxel in each channel", () =>
      forEach(({ title, chunk, encoded, labels }, random) => {
        const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
          chunk.size.map((side, axis) => (bits & (1 << axis) ? side - 1 : 0)),
        );
        const others = Array.from({ length: 8 }, () => chunk.size.map((side) => random.integer(side)));
        for (const [x = 0, y = 0, z = 0] of [...corners, ...others]) {
          const at = x + chunk.size[0] * (y + chunk.size[1] * z);
          const expected = Array.from({ length: chunk.channels }, (_, c) => labels[at + c * product(chunk.size)]);
          expect(queries.voxel(encoded, chunk, [x, y, z], workspace), `${title}: ${x} ${y} ${z}`).toEqual(expected);
        }
      }));

    it.each(replacements)("remap: %s", (_, replaceIn) =>
      forEach(({ title, chunk, encoded, labels }) => {
        const replace = replaceIn(labels, 2n ** BigInt(8 * voxelBytes(chunk.dtype)) - 1n);
        const before = new Uint8Array(encoded);
        const remapped = queries.remap(encoded, chunk, { valuesOf: (all) => all.map(replace) }, workspace).slice();
        const found = paint(chunk, voxelBytes(chunk.dtype), (target) => codec.decode(remapped, chunk, target));
        expect(found.join() === labels.map(replace).join(), title).toBe(true);
        expect(Buffer.compare(before, encoded), `${title}: its input changed`).toBe(0);
        expect([...queries.unique(remapped, chunk, workspace)], title).toEqual(distinct(labels.map(replace)));
      }),
    );

    it("asks a mapping for labels that voxels have, each once in a table", () =>
      forEach(({ title, chunk, encoded, labels }) => {
        const asked: bigint[] = [];
        queries.remap(
          encoded,
          chunk,
          {
            valuesOf: (all) => {
              expect(new Set(all).size, title).toBe(all.length);
              asked.push(...all);
              return all;
            },
          },
          workspace,
        );
        expect(distinct(asked), title).toEqual(distinct(labels));
      }));

    it("refuses a new label that the type cannot hold", () =>
      forEach(({ title, chunk, encoded }) => {
        for (const width of [1, 2, 4] as const) {
          const mapping = {
            voxelBytes: width,
            valuesOf: (all: BigUint64Array) => all.map(() => 2n ** BigInt(8 * width)),
          };
          const ask = () => paint(chunk, width, (target) => queries.decodeMapped(encoded, chunk, mapping, target));
          expect(ask, title).toThrow(InvalidArgumentError);
          if (width === voxelBytes(chunk.dtype)) {
            expect(() => queries.remap(encoded, chunk, mapping, workspace), title).toThrow(InvalidArgumentError);
          }
        }
      }));

    it("refuses a mapping with a value too few", () =>
      forEach(({ title, chunk, encoded }) => {
        const mapping = { voxelBytes: 8 as const, valuesOf: (all: BigUint64Array) => all.slice(1) };
        expect(() => queries.remap(encoded, chunk, mapping, workspace), title).toThrow(InvalidArgumentError);
        const ask = () => paint(chunk, 8, (target) => queries.decodeMapped(encoded, chunk, mapping, target));
        expect(ask, title).toThrow(InvalidArgumentError);
      }));

    it.each([1, 2, 4, 8] as const)("decodes other labels of %i bytes into a part of the target", (width) =>
      forEach(({ title, chunk, encoded, labels }, random) => {
        const replace = (label: bigint): bigint => BigInt.asUintN(8 * width, label * 7n + 3n);
        const mapping = { voxelBytes: width, valuesOf: (all: BigUint64Array) => all.map(replace) };
        const from = chunk.size.map((side) => random.integer(side)) as unknown as Vec3;
        const to = chunk.size.map(
          (side, axis) => (from[axis] ?? 0) + 1 + random.integer(side - (from[axis] ?? 0)),
        ) as unknown as Vec3;
        for (const part of [
          { from: [0, 0, 0] as const, to: chunk.size },
          { from, to },
          { from: [0, 0, 0] as const, to: [1, 1, 0] as const },
        ]) {
          const found = paint(chunk, width, (target) => queries.decodeMapped(encoded, chunk, mapping, target), part);
          const expected = crop(labels, chunk, part.from, part.to).map(replace);
          expect(found.join() === expected.join(), `${title}: ${part.from} to ${part.to}`).toBe(true);
        }
      }),
    );

    it("answers or refuses what is damaged, with no other error", () =>
      forEach(({ title, chunk, encoded }, random) => {
        for (let i = 0; i < 30; i++) {
          const damaged = new Uint8Array(encoded).subarray(
            0,
            random.integer(3) > 0 ? undefined : random.integer(encoded.length),
          );
          for (let flips = random.integer(3); flips >= 0 && damaged.length > 0; flips--) {
            const at = random.integer(damaged.length);
            damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8));
          }
          for (const ask of questions(queries, damaged, chunk)) {
            expect(outcome(ask), title).toMatch(/^(ok|invalid_chunk)$/);
          }
        }
      }, mostDamaged));

    it("refuses input of no bytes", () =>
      forEach(({ title, chunk }) => {
        for (const ask of questions(queries, new Uint8Array(0), chunk)) {
          expect(outcome(ask), title).toBe("invalid_chunk");
        }
      }));
  });
}

/** Ways to replace labels, for chunks of the labels given and a largest label. */
const replacements: readonly (readonly [
  string,
  (labels: readonly bigint[], most: bigint) => (label: bigint) => bigint,
])[] = [
  ["nothing changes", () => (label) => label],
  ["all become one", () => () => 0n],
  ["one becomes the largest that there is", (labels, most) => (label) => (label === labels[0] ? most : label)],
  [
    "two change places",
    (labels) => {
      const [first = 0n, second = 0n] = distinct(labels);
      return (label) => (label === first ? second : label === second ? first : label);
    },
  ],
  [
    "some become one, some the largest, some another",
    (_, most) => (label) => (label % 3n === 0n ? most - (label % 9n) : label % 3n === 1n ? label / 2n : 5n),
  ],
];

/** Each question, asked of the same bytes; what is written goes to memory with room for the whole chunk. */
function questions(queries: LabelQueries, encoded: Uint8Array, chunk: ChunkDescription): readonly (() => unknown)[] {
  const valuesOf = (all: BigUint64Array): BigUint64Array => all.map((label) => label & 0xffn);
  return [
    () => queries.unique(encoded, chunk, workspace),
    () => queries.contains(encoded, chunk, 7n, workspace),
    () => queries.voxel(encoded, chunk, [0, 0, 0], workspace),
    () => queries.remap(encoded, chunk, { valuesOf }, workspace),
    () =>
      paint(chunk, 2, (target) => queries.decodeMapped(encoded, chunk, { voxelBytes: 2 as const, valuesOf }, target)),
  ];
}

function outcome(ask: () => unknown): string {
  workspace.arena.reset();
  try {
    ask();
    return "ok";
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag;
  }
}

/** Volumes that the codec encodes: of one label, of noise, and of blocks with a few labels near both ends of the type. */
function ownChunks(
  { dtypes, channels = [1, 3] }: CodecDescriptor,
  codec: ChunkCodec,
  parameters: ChunkDescription["parameters"],
) {
  const labelTypes = dtypes.filter((dtype) => /int/.test(dtype));
  return labelTypes.flatMap((dtype) =>
    channels.flatMap((count) =>
      sizes.flatMap((size) =>
        (["one", "noise", "blocks"] as const).map((content) => {
          const chunk: ChunkDescription = { size, channels: count, dtype, parameters };
          workspace.arena.reset();
          const voxels = fill(chunk, content);
          const encoded = codec.encode?.(voxels, chunk, workspace).slice() ?? new Uint8Array(0);
          return { title: `${dtype} c${count} ${size} ${content}`, chunk, encoded, voxels };
        }),
      ),
    ),
  );
}

function fill({ size, channels, dtype }: ChunkDescription, content: "one" | "noise" | "blocks"): Uint8Array {
  const bytes = voxelBytes(dtype);
  const random = createRandom(seed);
  const voxels = random.bytes(product(size) * channels * bytes);
  const palette = Uint8Array.from([...new Array(8).fill(0xff), ...new Array(8).fill(0), ...random.bytes(40)]);
  palette[8] = 4;
  for (let i = 0; i < voxels.length / bytes && content !== "noise"; i++) {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const isSpeck = random.integer(20) === 0;
    const which = content === "one" ? 3 : isSpeck ? random.integer(7) : ((x >> 2) * 5 + (y >> 2) * 3 + z) % 7;
    voxels.set(palette.subarray(which * 8, which * 8 + bytes), i * bytes);
  }
  return voxels;
}

function distinct(labels: readonly bigint[]): bigint[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
}

interface Part {
  readonly from: Vec3;
  readonly to: Vec3;
}

/** Labels of `width` bytes that `act` writes into a target with gaps; nothing between them may change. */
function paint(
  chunk: ChunkDescription,
  width: 1 | 2 | 4 | 8,
  act: (target: Parameters<ChunkCodec["decode"]>[2]) => void,
  { from, to }: Part = { from: [0, 0, 0], to: chunk.size },
): bigint[] {
  const [nx, ny, nz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const rowBytes = (nx + 1) * width;
  const planeBytes = (ny + 1) * rowBytes;
  const channelBytes = nz * planeBytes;
  const memory = workspace.view(workspace.resultPointer, chunk.channels * channelBytes + 64);
  memory.fill(0xa5);
  workspace.arena.reset();
  act({ workspace, pointer: workspace.resultPointer + 32, rowBytes, planeBytes, channelBytes, from, to });
  const rows: Uint8Array[] = [];
  for (let row = 0; row < chunk.channels * nz * ny; row++) {
    const start = 32 + Math.floor(row / ny) * planeBytes + (row % ny) * rowBytes;
    rows.push(memory.slice(start, start + nx * width));
    memory.fill(0xa5, start, start + nx * width);
  }
  expect(Buffer.alloc(memory.byteLength, 0xa5).equals(memory), "bytes outside the target were written").toBe(true);
  return labelsOf(Buffer.concat(rows), width);
}

function labelsOf(voxels: Uint8Array, width: 1 | 2 | 4 | 8): bigint[] {
  const copy = new Uint8Array(voxels).buffer;
  const narrow = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;
  return width === 8 ? [...new BigUint64Array(copy)] : Array.from(new narrow[width](copy), BigInt);
}

function crop(labels: readonly bigint[], { size, channels }: ChunkDescription, from: Vec3, to: Vec3): bigint[] {
  const part: bigint[] = [];
  for (let c = 0; c < channels; c++) {
    for (let z = from[2]; z < to[2]; z++) {
      for (let y = from[1]; y < to[1]; y++) {
        const row = ((c * size[2] + z) * size[1] + y) * size[0];
        part.push(...labels.slice(row + from[0], row + to[0]));
      }
    }
  }
  return part;
}
