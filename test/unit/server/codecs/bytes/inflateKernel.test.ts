/** The inflate kernel against zlib: crafted streams of every kind, what compressors make, checksums. */
import zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflateKernel } from "../../../../../server/src/codecs/bytes/inflateKernel.ts";
import {
  canonicalCodes,
  createDeflateWriter,
  fixedBlock,
  writeDynamicHeader,
  writeMatch,
} from "../../../../fakes/deflateWriter.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const seed = 1951;
const workspace = createFakeWorkspace(1 << 20, 4 << 20);

interface Kernel {
  scratchBytes(): number;
  inflate(source: number, sourceBytes: number, target: number, targetBytes: number, scratch: number): number;
  crc32(source: number, sizeBytes: number, seed: number, scratch: number): number;
  adler32(source: number, sizeBytes: number): number;
}
const kernel = workspace.kernel<Kernel>(inflateKernel);
const guard = 64;

/** The content of a raw deflate stream by the kernel, in a room of exactly `room` bytes whose surroundings must not change; or its code. */
function inflateRaw(stream: Uint8Array, room: number): Uint8Array | number {
  workspace.arena.reset();
  const source = workspace.arena.allocate(stream.byteLength);
  workspace.view(source, stream.byteLength).set(stream);
  const scratch = workspace.arena.allocate(kernel.scratchBytes());
  const target = workspace.resultPointer + guard;
  workspace.view(workspace.resultPointer, room + 2 * guard).fill(0xa5);
  const status = kernel.inflate(source, stream.byteLength, target, room, scratch);
  const around = [workspace.view(target - guard, guard), workspace.view(target + room, guard)];
  expect(around.every((bytes) => bytes.every((byte) => byte === 0xa5))).toBe(true);
  const made = new DataView(workspace.memory.buffer).getUint32(scratch + 4, true);
  return status === 0 ? workspace.view(target, made).slice() : status;
}

/** zlib's answer: the content, or undefined for what it refuses. */
function reference(stream: Uint8Array): Buffer | undefined {
  try {
    return zlib.inflateRawSync(stream);
  } catch {
    return undefined;
  }
}

/** Expects the kernel to agree with zlib, in a large room and in one of the exact size; gives zlib's answer. */
function expectAgreement(stream: Uint8Array, room = 1 << 19): Buffer | undefined {
  const wanted = reference(stream);
  const found = inflateRaw(stream, room);
  expect(typeof found === "number").toBe(wanted === undefined);
  if (wanted !== undefined && typeof found === "object") {
    expect(Buffer.compare(found, wanted)).toBe(0);
    expect(inflateRaw(stream, wanted.byteLength)).toSatisfy((exact) => Buffer.compare(exact as Buffer, wanted) === 0);
    if (wanted.byteLength > 0) {
      expect(inflateRaw(stream, wanted.byteLength - 1)).toBe(-2);
    }
  }
  return wanted;
}

describe("inflate kernel: blocks", () => {
  it("stored, empty and full, between others", () => {
    const writer = createDeflateWriter();
    for (const [isLast, content] of [
      [0, "abc"],
      [0, ""],
      [1, "x".repeat(65_535)],
    ] as const) {
      writer.bits(isLast, 1);
      writer.bits(0, 2);
      writer.align();
      writer.bits(content.length, 16);
      writer.bits(65_535 - content.length, 16);
      for (const byte of Buffer.from(content)) {
        writer.bits(byte, 8);
      }
    }
    expect(expectAgreement(writer.bytes())?.toString()).toBe(`abc${"x".repeat(65_535)}`);
  });

  it("stored with a wrong complement, or cut off", () => {
    expect(inflateRaw(Uint8Array.of(1, 1, 0, 0xff, 0xff, 7), 100)).toBe(-4);
    expect(inflateRaw(Uint8Array.of(1, 2, 0, 0xfd, 0xff, 7), 100)).toBe(-1);
    expect(inflateRaw(Uint8Array.of(1, 2, 0), 100)).toBe(-1);
  });

  it("of type 3", () => {
    expect(inflateRaw(Uint8Array.of(7), 100)).toBe(-3);
  });

  it("fixed: every length with its extra bits, 258 twice", () => {
    for (let symbol = 257; symbol <= 285; symbol++) {
      const extra = symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
      for (const bits of [0, 2 ** extra - 1]) {
        const stream = fixedBlock((writer, put) => {
          put(120);
          put(200);
          put(symbol);
          writer.bits(bits, extra);
          writer.code(1, 5);
          put(256);
        });
        expect(expectAgreement(stream)?.byteLength, `${symbol} ${bits}`).toBeGreaterThan(4);
      }
    }
  });

  it("fixed: symbols that have a code and no meaning", () => {
    for (const symbol of [286, 287]) {
      expect(
        inflateRaw(
          fixedBlock((_, put) => put(symbol)),
          100,
        ),
      ).toBe(-6);
    }
    for (const distance of [30, 31]) {
      const stream = fixedBlock((writer, put) => {
        put(65);
        put(257);
        writer.code(distance, 5);
        put(256);
      });
      expect(inflateRaw(stream, 100)).toBe(-6);
      expect(reference(stream)).toBeUndefined();
    }
  });

  it("every distance up to 40, and the farthest, over all lengths that copy differently", () => {
    const random = createRandom(seed);
    for (const distance of [...Array.from({ length: 40 }, (_, i) => i + 1), 255, 257, 4096, 32_767, 32_768]) {
      for (const length of [3, 15, 16, 17, 31, 32, 33, 64, 258]) {
        const start = random.bytes(distance);
        // zlib makes no such stream on demand; a stored block, then one match.
        const head = zlib.deflateRawSync(start, { level: 0, finishFlush: zlib.constants.Z_SYNC_FLUSH });
        const tail = fixedBlock((writer, put) => {
          writeMatch(writer, put, length, distance);
          for (let i = 0; i < 400; i++) {
            put(i & 127);
          }
          put(256);
        });
        const wanted = expectAgreement(Buffer.concat([head, tail]));
        expect(wanted?.byteLength).toBe(distance + length + 400);
      }
    }
  });

  it("a distance beyond the start, by one", () => {
    for (const [distance, isSound] of [
      [3, true],
      [4, false],
      [300, false],
      [32_768, false],
    ] as const) {
      for (const length of [3, 258]) {
        const stream = fixedBlock((writer, put) => {
          put(1);
          put(2);
          put(3);
          writeMatch(writer, put, length, distance);
          put(256);
        });
        expect(expectAgreement(stream) !== undefined, `${distance}`).toBe(isSound);
        expect(typeof inflateRaw(stream, 1 << 16)).toBe(isSound ? "object" : "number");
      }
    }
  });
});

describe("inflate kernel: codes", () => {
  const litlens = (of: Readonly<Record<number, number>>): number[] => Array.from({ length: 286 }, (_, i) => of[i] ?? 0);

  it("of up to 15 bits, which need subtables", () => {
    // 1 .. 14, 15, 15 bits: complete. Literals 0 - 13, end and one match length; the same for the distances.
    const lengths = litlens({
      256: 15,
      260: 15,
      ...Object.fromEntries(Array.from({ length: 14 }, (_, i) => [i, i + 1])),
    });
    const distances = Array.from({ length: 30 }, (_, i) => (i < 14 ? 14 - i : 0)).map((n, i) =>
      i === 14 || i === 15 ? 15 : n,
    );
    const [own, far] = [canonicalCodes(lengths), canonicalCodes(distances)];
    const writer = createDeflateWriter();
    writeDynamicHeader(writer, lengths, distances);
    for (let i = 0; i < 3000; i++) {
      writer.code(...(own[i % 14] ?? [0, 0]));
      if (i > 300 && i % 5 === 0) {
        writer.code(...(own[260] ?? [0, 0]));
        const symbol = i % 16;
        writer.code(...(far[symbol] ?? [0, 0]));
        writer.bits(i, symbol < 4 ? 0 : (symbol >> 1) - 1);
      }
    }
    writer.code(...(own[256] ?? [0, 0]));
    expect(expectAgreement(writer.bytes())?.byteLength).toBeGreaterThan(5000);
  });

  it("oversubscribed or incomplete", () => {
    const cases: readonly (readonly [Readonly<Record<number, number>>, readonly number[]])[] = [
      [{ 0: 1, 1: 1, 256: 1 }, [1]],
      [{ 0: 2, 256: 1 }, [1]],
      [{ 0: 1, 256: 2 }, [1]],
      [{ 0: 1, 256: 1 }, [1, 1, 1]],
      [{ 0: 1, 256: 1 }, [2, 2]],
      [{ 0: 1, 256: 1 }, [2]],
      [{ 256: 2 }, [1]],
      [{ 0: 1, 1: 1 }, [1]],
    ];
    for (const [own, distances] of cases) {
      const writer = createDeflateWriter();
      writeDynamicHeader(writer, litlens(own), distances);
      writer.bits(0, 32);
      expect(inflateRaw(writer.bytes(), 1000), JSON.stringify([own, distances])).toBe(-5);
      expect(reference(writer.bytes())).toBeUndefined();
    }
  });

  it("one code of one bit, for the end or a distance, and no distance at all", () => {
    for (const [own, distances, sent] of [
      [{ 256: 1 }, [0], [0]],
      [{ 256: 1 }, [1], [1]],
      [{ 65: 1, 256: 2, 257: 2 }, [1], [0, 0, 1, 1, 0, 0, 0, 1, 0]],
      [{ 65: 1, 256: 2, 257: 2 }, [1], [0, 0, 1, 1, 1, 1, 0]],
      [{ 65: 1, 256: 2, 257: 2 }, [0], [0, 0, 1, 0]],
      [{ 65: 1, 256: 2, 257: 2 }, [0], [0, 0, 1, 1, 0, 1, 0]],
    ] as const) {
      const writer = createDeflateWriter();
      writeDynamicHeader(writer, litlens(own), distances);
      for (const bit of sent) {
        writer.bits(bit, 1);
      }
      writer.align();
      expectAgreement(writer.bytes());
    }
  });

  it("counts and repeats out of range", () => {
    for (const [hlit, hdist] of [
      [30, 0],
      [31, 5],
      [0, 30],
      [29, 31],
    ] as const) {
      const writer = createDeflateWriter();
      writer.bits(5, 3);
      writer.bits(hlit, 5);
      writer.bits(hdist, 5);
      writer.bits(0, 200);
      expect(inflateRaw(writer.bytes(), 100)).toBe(-5);
      expect(reference(writer.bytes())).toBeUndefined();
    }
  });
});

describe("inflate kernel: what compressors make", () => {
  const inputs: readonly (readonly [string, Uint8Array])[] = [
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(9)],
    ["zeros", new Uint8Array(300_000)],
    ["noise", createRandom(seed).bytes(300_000)],
    [
      "few values",
      createRandom(seed)
        .bytes(300_000)
        .map((byte) => byte & 7),
    ],
    ["text", Buffer.from("voxels and labels ".repeat(9000).slice(0, 150_001))],
    ["labels", labels()],
  ];

  it.each(inputs)("%s, at every level and strategy", (_, input) => {
    const { Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED, Z_DEFAULT_STRATEGY } = zlib.constants;
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
        expect(expectAgreement(zlib.deflateRawSync(input, { level, strategy }))?.equals(input)).toBe(true);
      }
    }
  });

  it.each(inputs)("%s: checksums of every part", (_, input) => {
    workspace.arena.reset();
    const pointer = workspace.arena.allocate(input.byteLength + 1) + 1;
    workspace.view(pointer, input.byteLength).set(input);
    const scratch = workspace.arena.allocate(kernel.scratchBytes());
    for (const size of [0, 1, 15, 16, 17, 4799, 4800, 19_199, 19_200, 19_201, 24_016, 70_000, 300_000]) {
      const part = Math.min(size, input.byteLength);
      const content = input.subarray(0, part);
      const start = zlib.crc32(content.subarray(0, 5));
      expect(kernel.crc32(pointer, part, 0, scratch) >>> 0, `crc of ${part}`).toBe(zlib.crc32(content));
      expect(kernel.crc32(pointer + Math.min(5, part), Math.max(0, part - 5), start, scratch) >>> 0).toBe(
        zlib.crc32(content),
      );
      const stored = zlib.deflateSync(content, { level: 0 });
      expect(kernel.adler32(pointer, part) >>> 0, `adler of ${part}`).toBe(stored.readUInt32BE(stored.byteLength - 4));
    }
  });
});

/** Rows of equal 64-bit labels. */
function labels(): Uint8Array {
  const random = createRandom(seed);
  const rows = new BigUint64Array(20_000);
  for (let i = 0; i < rows.length; ) {
    const label = BigInt(random.integer(50));
    const end = i + 1 + random.integer(90);
    rows.fill(label, i, end);
    i = end;
  }
  return new Uint8Array(rows.buffer);
}
