/** Second stages: what the reference tools wrote, bounds, damage, several streams in one. */
import { beforeAll, describe, expect, it } from "vitest";
import { createRegistry } from "../../../../../server/src/base/registry.ts";
import { brotliCodec } from "../../../../../server/src/codecs/bytes/br.ts";
import type { ByteCodec, ByteCodecDescriptor } from "../../../../../server/src/codecs/bytes/byteCodec.ts";
import { bzip2Codec } from "../../../../../server/src/codecs/bytes/bzip2.ts";
import { createDecompressor } from "../../../../../server/src/codecs/bytes/decompress.ts";
import { gzipCodec } from "../../../../../server/src/codecs/bytes/gzip.ts";
import { xzCodec } from "../../../../../server/src/codecs/bytes/xz.ts";
import { zstdCodec } from "../../../../../server/src/codecs/bytes/zstd.ts";
import { isVolumeError } from "../../../../../server/src/errors.ts";
import { createRandom } from "../../../../fakes/random.ts";

const seed = 7;
const text = Buffer.from("voxels ".repeat(1000));

interface Sample {
  readonly descriptor: ByteCodecDescriptor;
  /** Python's gzip, bz2, lzma and zstandard, and brotli, of `text`; zstd without a content size in the second. */
  readonly encoded: string;
  readonly other?: string;
  readonly joins: boolean;
}

const samples: readonly Sample[] = [
  {
    descriptor: gzipCodec,
    encoded: "H4sIAAAAAAACA+3FsQkAMAgAsFf6nFvBQRDP9wI/SJZ0Tvx6LUmSJEmSJEmSJOluAT+d90lYGwAA",
    joins: true,
  },
  { descriptor: brotliCodec, encoded: "G1cb+I1Utb9me7PDkyBlc3FbJHBhAiCPAQ==", joins: false },
  {
    descriptor: zstdCodec,
    encoded: "KLUv/WBYGn0AADh2b3hlbHMgAQBOq74YAQ==",
    other: "KLUv/QAYfQAAOHZveGVscyABAE6rvhgB",
    joins: true,
  },
  {
    descriptor: xzCodec,
    encoded:
      "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4BtXACxdADsby3bh/z6OyZYjBbpWhUh45tFp+/bfeR95w6zrAyb8wPWIhYXK54wsnlUAANPNEcUlnNtJAAFI2DYAAAA5z5tMscRn+wIAAAAABFla",
    other:
      "/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4BtXACxdADsby3bh/z6OyZYjBbpWhUh45tFp+/bfeR95w6zrAyb8wPWIhYXK54wsnlUAAD+d90kAAUTYNgAAAEIPWTs+MA2LAgAAAAABWVo=",
    joins: true,
  },
  {
    descriptor: bzip2Codec,
    encoded: "QlpoOTFBWSZTWRPmbmEAC7eRgEAAAgSJQCAAUIYATVQNO1IMqQcqQZUg9Ug9UgypB8XckU4UJAT5m5hA",
    joins: true,
  },
];

function tagOf(run: () => unknown): string {
  try {
    run();
    return "ok";
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag;
  }
}

describe.each(samples)("$descriptor.name", ({ descriptor, encoded, other, joins }) => {
  const bytes = new Uint8Array(Buffer.from(encoded, "base64"));
  let codec: ByteCodec;
  beforeAll(async () => {
    codec = await descriptor.load();
  });

  it("decompresses what the reference compressed", () => {
    expect(Buffer.compare(codec.decompress(bytes, text.byteLength), text)).toBe(0);
    if (other !== undefined) {
      expect(Buffer.compare(codec.decompress(new Uint8Array(Buffer.from(other, "base64")), 10_000), text)).toBe(0);
    }
  });

  it("stops at the limit", () => {
    expect(tagOf(() => codec.decompress(bytes, text.byteLength - 1))).toMatch(/^(too_large|invalid_chunk)$/);
    expect(tagOf(() => codec.decompress(bytes, 0))).toMatch(/^(too_large|invalid_chunk)$/);
  });

  it("refuses no bytes, other bytes and every cut", () => {
    expect(tagOf(() => codec.decompress(new Uint8Array(0), 100))).toBe("invalid_chunk");
    expect(tagOf(() => codec.decompress(new Uint8Array(40), 100))).toBe("invalid_chunk");
    for (let length = 1; length < bytes.byteLength; length++) {
      expect(
        tagOf(() => codec.decompress(bytes.subarray(0, length), 10_000)),
        `${length} bytes`,
      ).toBe("invalid_chunk");
    }
  });

  it("refuses bytes after the stream", () => {
    const longer = Buffer.concat([bytes, Buffer.from("garbage")]);
    expect(tagOf(() => codec.decompress(longer, 10_000))).toBe("invalid_chunk");
  });

  it.runIf(joins)("reads several streams as one", () => {
    const twice = codec.decompress(new Uint8Array(Buffer.concat([bytes, bytes])), 2 * text.byteLength);
    expect(Buffer.compare(twice, Buffer.concat([text, text]))).toBe(0);
  });

  it(`survives flipped bits (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let i = 0; i < 200; i++) {
      const damaged = new Uint8Array(bytes);
      const at = random.integer(damaged.byteLength);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8));
      expect(tagOf(() => codec.decompress(damaged, 10_000))).toMatch(/^(ok|invalid_chunk|too_large)$/);
    }
    expect(Buffer.compare(codec.decompress(bytes, 10_000), text)).toBe(0);
  });

  it("reads back what it compresses", async () => {
    const input = createRandom(seed).bytes(5000);
    const compressed = await codec.compress?.(input);
    if (compressed !== undefined) {
      expect(Buffer.compare(codec.decompress(compressed, 5000), input)).toBe(0);
    }
    expect(compressed === undefined).toBe(descriptor.name === "xz" || descriptor.name === "bzip2");
  });

  it("does not compress for a caller who cancelled", async () => {
    const compressing = codec.compress?.(text, { signal: AbortSignal.abort() });
    await expect(compressing ?? Promise.reject({ tag: "cancelled" })).rejects.toMatchObject({ tag: "cancelled" });
  });
});

describe("gzip", () => {
  it("writes the same file for the same bytes, at the level that is asked", async () => {
    const codec = await gzipCodec.load();
    const [first, second, fast] = await Promise.all([
      codec.compress?.(text),
      codec.compress?.(text),
      codec.compress?.(text, { level: 1 }),
    ]);
    expect(first).toEqual(second);
    expect(fast?.byteLength).toBeGreaterThan(first?.byteLength ?? 0);
  });
});

describe("createDecompressor", () => {
  const decompress = createDecompressor(createRegistry("compression", [gzipCodec]));
  const gzipped = new Uint8Array(Buffer.from(samples[0]?.encoded ?? "", "base64"));

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

  it("calls what expands too far an invalid chunk", async () => {
    await expect((async () => decompress(gzipped, "gzip", 10))()).rejects.toMatchObject({ tag: "invalid_chunk" });
  });

  it("names the compressions that it knows", async () => {
    await expect((async () => decompress(gzipped, "snappy", 10))()).rejects.toThrow(
      'unknown compression: "snappy" (known: gzip)',
    );
  });
});
