/** gzip files and zlib streams inflated in an arena: the same answers as by node:zlib, and nothing else of the arena taken. */
import zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  inflateGzipInto,
  inflateKernel,
  inflateZlibInto,
} from "../../../../../server/src/codecs/bytes/inflateKernel.ts";
import { inflateGzip, inflateZlib } from "../../../../../server/src/codecs/bytes/zlib.ts";
import { isVolumeError } from "../../../../../server/src/errors.ts";
import { fixedBlock, writeMatch } from "../../../../fakes/deflateWriter.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const workspace = createFakeWorkspace(0, 4 << 20);
const scratchBytes = workspace.kernel<{ scratchBytes(): number }>(inflateKernel).scratchBytes();

/** The content, or the tag of the error. */
function resultOf(inflate: () => Uint8Array | undefined): Buffer | string {
  try {
    return Buffer.from(inflate() ?? []);
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag;
  }
}

/** The result of the kernel, after node:zlib gave the same. */
function bothWays(bytes: Uint8Array, maxBytes: number): Buffer | string {
  workspace.arena.reset();
  const inArena = resultOf(() => inflateGzipInto(bytes, maxBytes, workspace));
  const byZlib = resultOf(() => inflateGzip(bytes, maxBytes));
  expect(inArena.toString("hex")).toBe(byZlib.toString("hex"));
  return inArena;
}

describe("inflateGzipInto", () => {
  const text = Buffer.from("label ".repeat(5000));
  const member = zlib.gzipSync(text);

  it("reads members, with padding between and after them", () => {
    expect(bothWays(member, text.byteLength)).toEqual(text);
    const padded = Buffer.concat([member, Buffer.alloc(3), member, member, Buffer.alloc(512)]);
    expect(bothWays(padded, 3 * text.byteLength)).toEqual(Buffer.concat([text, text, text]));
    expect(bothWays(padded, 3 * text.byteLength - 1)).toBe("too_large");
  });

  it("reads headers with extra field, name, comment and checksum", () => {
    const header = Buffer.from([
      0x1f,
      0x8b,
      8,
      0x1e,
      1,
      2,
      3,
      4,
      0,
      3,
      4,
      0,
      9,
      9,
      9,
      9,
      ...Buffer.from("name\0comment\0"),
    ]);
    const crc = Buffer.alloc(2);
    crc.writeUInt16LE(zlib.crc32(header) & 0xffff);
    expect(bothWays(Buffer.concat([header, crc, member.subarray(10)]), text.byteLength)).toEqual(text);
    crc[0] = (crc[0] ?? 0) ^ 1;
    expect(bothWays(Buffer.concat([header, crc, member.subarray(10)]), text.byteLength)).toBe("invalid_chunk");
  });

  it("refuses other methods, unknown flags, wrong checksums, wrong sizes and what follows", () => {
    for (const [at, value] of [
      [0, 0],
      [1, 0],
      [2, 7],
      [3, 0x20],
      [member.length - 8, -1],
      [member.length - 1, -1],
    ] as const) {
      const damaged = Buffer.from(member);
      damaged[at] = value < 0 ? (damaged[at] ?? 0) ^ 1 : value;
      expect(bothWays(damaged, text.byteLength), `${at}`).toBe("invalid_chunk");
    }
    expect(bothWays(Buffer.concat([member, Buffer.from("x")]), text.byteLength)).toBe("invalid_chunk");
    expect(bothWays(Buffer.concat([member, Buffer.from("\0\0x")]), text.byteLength)).toBe("invalid_chunk");
    expect(bothWays(Buffer.concat([member, member.subarray(0, 30)]), 10 * text.byteLength)).toBe("invalid_chunk");
  });

  it("refuses every cut", () => {
    const short = zlib.gzipSync("a few voxels");
    for (let length = 0; length < short.byteLength; length++) {
      expect(bothWays(short.subarray(0, length), 100), `${length}`).toBe("invalid_chunk");
    }
  });

  it("does not inflate a member with the bytes of the one before it", () => {
    // A match of distance 3 at the very start.
    const stream = fixedBlock((writer, put) => {
      writeMatch(writer, put, 3, 3);
      put(256);
    });
    const second = Buffer.concat([member.subarray(0, 10), stream, Buffer.alloc(8)]);
    expect(bothWays(Buffer.concat([member, second]), 10 * text.byteLength)).toBe("invalid_chunk");
  });

  it("leaves the arena with its result alone, without a result with nothing", () => {
    workspace.arena.reset();
    const free = workspace.arena.freeBytes;
    const content = inflateGzipInto(member, 1 << 20, workspace);
    expect(content?.buffer).toBe(workspace.memory.buffer);
    expect(workspace.arena.freeBytes).toBe(free - Math.ceil(text.byteLength / 16) * 16);
    workspace.arena.reset();
    expect(() => inflateGzipInto(member, 10, workspace)).toThrow("gzip stream expands to more than 10 bytes");
    expect(() => inflateGzipInto(member.subarray(0, 50), 1 << 20, workspace)).toThrow("gzip stream is cut off");
    expect(workspace.arena.freeBytes).toBe(free);
  });

  it("gives up when the arena is too small for the content, and for nothing else", () => {
    workspace.arena.reset();
    workspace.arena.allocate(workspace.arena.freeBytes - scratchBytes - 2000);
    const free = workspace.arena.freeBytes;
    expect(inflateGzipInto(member, 1 << 20, workspace)).toBeUndefined();
    expect(() => inflateGzipInto(member, 100, workspace)).toThrow("expands to more than 100 bytes");
    expect(workspace.arena.freeBytes).toBe(free);
    workspace.arena.allocate(2000);
    expect(inflateGzipInto(member, 1 << 20, workspace)).toBeUndefined();
  });
});

describe("inflateZlibInto", () => {
  const text = Buffer.from("pixel ".repeat(5000));
  const stream = zlib.deflateSync(text);
  const options = { what: "PNG", maxBytes: text.byteLength };

  function inflate(bytes: Uint8Array): Buffer {
    workspace.arena.reset();
    return Buffer.from(inflateZlibInto(bytes, options, workspace) ?? []);
  }

  it("reads what zlib writes", () => {
    expect(inflate(stream)).toEqual(text);
  });

  it("refuses what inflateZlib refuses: damage, cuts, more bytes, dictionaries, more content", () => {
    const dictionary = zlib.deflateSync(text, { dictionary: Buffer.from("pixel") });
    const cases = [
      Buffer.alloc(0),
      stream.subarray(0, 1),
      stream.subarray(0, -1),
      Buffer.concat([stream, Buffer.from("x")]),
      Buffer.concat([stream.subarray(0, -1), Buffer.of((stream.at(-1) ?? 0) ^ 1)]),
      Buffer.concat([Buffer.of(0x79), stream.subarray(1)]),
      Buffer.concat([Buffer.of(0x88, 0x1c), stream.subarray(2)]),
      dictionary,
      zlib.deflateSync(`${text}x`),
    ];
    for (const [i, bytes] of cases.entries()) {
      const inArena = resultOf(() => inflate(bytes));
      expect(inArena, `case ${i}`).toBe(resultOf(() => inflateZlib(bytes, options)));
      expect(inArena).toMatch(/^(invalid_chunk|too_large)$/);
    }
  });
});
