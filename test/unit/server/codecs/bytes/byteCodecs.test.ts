/** Compressors: the shared suite over all of them and both platforms, and what each has of its own. */
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../../../../../server/src/base/registry.ts";
import { bloscCodec, loadBloscInner } from "../../../../../server/src/codecs/bytes/blosc.ts";
import type { BloscSettings } from "../../../../../server/src/codecs/bytes/bloscEncode.ts";
import { createBlosc } from "../../../../../server/src/codecs/bytes/bloscStream.ts";
import { brotliCodec } from "../../../../../server/src/codecs/bytes/br.ts";
import { createBrowserByteCodecs } from "../../../../../server/src/codecs/bytes/browser.ts";
import type { CompressorDescriptor } from "../../../../../server/src/codecs/bytes/byteCodec.ts";
import { bzip2Codec } from "../../../../../server/src/codecs/bytes/bzip2.ts";
import { createDecompressor } from "../../../../../server/src/codecs/bytes/decompress.ts";
import { gzipCodec, zlibCodec } from "../../../../../server/src/codecs/bytes/gzip.ts";
import { lz4Codec } from "../../../../../server/src/codecs/bytes/lz4.ts";
import { lz4FrameCodec } from "../../../../../server/src/codecs/bytes/lz4frame.ts";
import { lz4JavaCodec } from "../../../../../server/src/codecs/bytes/lz4java.ts";
import { createPakoZlib } from "../../../../../server/src/codecs/bytes/pako.ts";
import { xxh32 } from "../../../../../server/src/codecs/bytes/xxh32.ts";
import { xzCodec } from "../../../../../server/src/codecs/bytes/xz.ts";
import { zstdCodec } from "../../../../../server/src/codecs/bytes/zstd.ts";
import { loadLibrary } from "../../../../../server/src/codecs/library.ts";
import { type ByteCodecSuiteOptions, byteCodecSuite } from "../../../../conformance/byteCodec.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";
import { knownStreams, text } from "./knownStreams.ts";

type Traits = Omit<ByteCodecSuiteOptions, "title" | "load">;

const traits = {
  gzip: { known: knownStreams.gzip, joins: true, isChecked: true, levels: [1, 9] },
  zlib: { known: knownStreams.zlib, joins: false, isChecked: true, levels: [1, 9] },
  br: { known: knownStreams.br, joins: false, isChecked: false, levels: [0, 9] },
  zstd: { known: knownStreams.zstd, joins: true, isChecked: false, levels: [1, 12] },
  xz: { known: knownStreams.xz, joins: true, isChecked: true, levels: [0, 9], noiseBytes: 100_000 },
  bzip2: { known: knownStreams.bzip2, joins: true, isChecked: true, levels: [1, 9], noiseBytes: 100_000 },
  lz4: { known: knownStreams.lz4, joins: false, isChecked: false, levels: [] },
  lz4frame: { known: knownStreams.lz4frame, joins: true, isChecked: false, levels: [] },
  lz4java: { known: knownStreams.lz4java, joins: false, isChecked: true, levels: [] },
  blosc: { known: knownStreams.blosc, joins: false, isChecked: false, levels: [0, 9] },
} as const satisfies Readonly<Record<string, Traits>>;

const require = createRequire(import.meta.url);
/** The packages as a browser's bundler would give them. */
const browserCodecs = createBrowserByteCodecs({
  brotli: async () => require("brotli-wasm"),
  zstd: async () => loadLibrary("zstd"),
  xz: async () => loadLibrary("xz"),
  bzip2: async () => loadLibrary("bzip2"),
});

const platforms: Readonly<Record<string, readonly CompressorDescriptor[]>> = {
  Node: [gzipCodec, zlibCodec, brotliCodec, zstdCodec, xzCodec, bzip2Codec],
  "a browser": [...browserCodecs, { name: "zlib", load: async () => createPakoZlib(await import("pako")) }],
  "any platform": [lz4Codec, lz4FrameCodec, lz4JavaCodec, bloscCodec],
};

for (const [platform, descriptors] of Object.entries(platforms)) {
  for (const { name, load } of descriptors) {
    byteCodecSuite({ title: `${name} for ${platform}`, load, ...traits[name as keyof typeof traits] });
  }
}

describe.each([gzipCodec, brotliCodec, zstdCodec, xzCodec, bzip2Codec])("$name", ({ load }) => {
  it("writes the same file for the same bytes, at the level that is asked", async () => {
    const { compress } = await load();
    const random = createRandom(3);
    const words = Array.from({ length: 300 }, () => random.bytes(3 + random.integer(9)));
    const input = Buffer.concat(Array.from({ length: 30_000 }, () => words[random.integer(300)] ?? text));
    const [low, again, high] = await Promise.all([1, 1, 9].map((level) => compress?.(input, { level })));
    expect(low).toEqual(again);
    expect(high?.byteLength).toBeLessThan(low?.byteLength ?? 0);
  });
});

describe("blosc", () => {
  const compressors = ["lz4", "zlib", "zstd"] as const;
  const shuffles = ["none", "bytes", "bits"] as const;
  const settings = compressors.flatMap((compressor) =>
    shuffles.flatMap((shuffle) =>
      [1, 3, 8].map((elementBytes): BloscSettings => ({ compressor, shuffle, elementBytes })),
    ),
  );

  it.each(settings)("reads back $compressor, $shuffle shuffled, of $elementBytes bytes", async (own) => {
    const codec = createBlosc(await loadBloscInner(), own);
    for (const input of [
      text,
      text.subarray(0, 16),
      text.subarray(0, 6979),
      new Uint8Array(600_000).fill(3, 500_000),
    ]) {
      const frame = (await codec.compress?.(input)) ?? new Uint8Array(0);
      expect(Buffer.compare(codec.decompress(frame, input.byteLength), input)).toBe(0);
    }
  });

  it("says that snappy is not supported", async () => {
    const frame = Buffer.from(knownStreams.blosc[0].encoded);
    frame[2] = 0x10 | (2 << 5);
    const codec = await bloscCodec.load();
    expect(() => codec.decompress(frame, 10_000)).toThrow("blosc frames compressed by snappy are not supported");
  });
});

describe("xxh32", () => {
  it("gives the reference's values", () => {
    const cases = [
      ["", 0x02cc5d05, 0x8d3b42d8],
      ["a", 0x550d7456, 0x12b7e114],
      ["voxels and labels, labels and voxels!", 0x030863c6, 0xa63d9b88],
    ] as const;
    for (const [input, plain, seeded] of cases) {
      expect(xxh32(Buffer.from(input))).toBe(plain);
      expect(xxh32(Buffer.from(input), 0x9747b28c)).toBe(seeded);
    }
  });
});

describe("createDecompressor", () => {
  const decompress = createDecompressor(createRegistry("compression", [gzipCodec]));
  const [{ encoded: gzipped }] = knownStreams.gzip;

  it("gives bytes without an encoding back", () => {
    expect(decompress(text, undefined, 1)).toBe(text);
  });

  it("waits for a compressor the first time only", async () => {
    const first = decompress(gzipped, "gzip", 10_000);
    expect(first).toBeInstanceOf(Promise);
    expect(Buffer.compare(await first, text)).toBe(0);
    expect(Buffer.compare((await decompress(gzipped, "x-gzip", 10_000)) as Uint8Array, text)).toBe(0);
    expect(decompress(gzipped, "gzip", 10_000)).toBeInstanceOf(Uint8Array);
  });

  it("uses a workspace's arena for what comes at once, if there is room", async () => {
    const workspace = createFakeWorkspace(0, 1 << 20);
    await decompress(gzipped, "gzip", 10_000);
    const fresh = await createDecompressor(createRegistry("compression", [gzipCodec]))(
      gzipped,
      "gzip",
      10_000,
      workspace,
    );
    expect(fresh.buffer).not.toBe(workspace.memory.buffer);
    const inArena = decompress(gzipped, "gzip", 10_000, workspace) as Uint8Array;
    expect(inArena.buffer).toBe(workspace.memory.buffer);
    workspace.arena.allocate(workspace.arena.freeBytes);
    const outside = decompress(gzipped, "gzip", 10_000, workspace) as Uint8Array;
    expect(outside.buffer).not.toBe(workspace.memory.buffer);
    expect([inArena, outside].map((bytes) => Buffer.compare(bytes, text))).toEqual([0, 0]);
  });

  it("calls what expands too far an invalid chunk", async () => {
    await expect((async () => decompress(gzipped, "gzip", 10))()).rejects.toMatchObject({ tag: "invalid_chunk" });
  });

  it("names the compressions that it knows", async () => {
    await expect((async () => decompress(gzipped, "snappy", 10))()).rejects.toThrow(
      'unknown compression: "snappy" (known: gzip)',
    );
  });
});
