/** The suite that every compressor passes, whatever platform it is for: reference bytes, bounds, damage, round trips. */
import { beforeAll, describe, expect, it } from "vitest";
import type { ByteCodec } from "../../server/src/codecs/bytes/byteCodec.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom } from "../fakes/random.ts";

/** Bytes whose content is known without the codec under test. */
export interface KnownStream {
  readonly title: string;
  readonly encoded: Uint8Array;
  readonly content: Uint8Array;
}

export interface ByteCodecSuiteOptions {
  readonly title: string;
  load(): Promise<ByteCodec>;
  /** What reference tools made; the first is cut, damaged and followed by other bytes. */
  readonly known: readonly [KnownStream, ...KnownStream[]];
  /** Several streams one after the other are read as one. */
  readonly joins: boolean;
  /** The format has a checksum over the content: damage never goes by unseen. */
  readonly isChecked: boolean;
  /** Levels other than the default. */
  readonly levels: readonly number[];
  /** Bytes of noise that it compresses; 1 MiB by default. */
  readonly noiseBytes?: number;
}

const seed = 7;
const bombBytes = 4 << 20;

/** The tag of the error, or "ok". */
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

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

/** Registers the suite for one codec. */
export function byteCodecSuite({
  title,
  load,
  known,
  joins,
  isChecked,
  levels,
  noiseBytes = 1 << 20,
}: ByteCodecSuiteOptions): void {
  const [{ encoded, content }] = known;
  const enough = 4 * content.byteLength;

  describe(`byte codec ${title} (seed ${seed})`, () => {
    let codec: ByteCodec;
    beforeAll(async () => {
      codec = await load();
    });
    const compress = async (bytes: Uint8Array, level?: number): Promise<Uint8Array> =>
      (await codec.compress?.(bytes, level === undefined ? {} : { level })) ?? expect.fail("does not compress");

    it.each(known)("reads $title", (stream) => {
      const size = stream.content.byteLength;
      expect(isSame(codec.decompress(stream.encoded, size), stream.content)).toBe(true);
      expect(isSame(codec.decompress(stream.encoded, 4 * size + 100), stream.content)).toBe(true);
    });

    it("reads from shared memory, anywhere in it", () => {
      const shared = new Uint8Array(new SharedArrayBuffer(encoded.byteLength + 20), 7, encoded.byteLength);
      shared.set(encoded);
      expect(isSame(codec.decompress(shared, content.byteLength), content)).toBe(true);
    });

    it.each(known)("stops at the limit: $title", (stream) => {
      expect(tagOf(() => codec.decompress(stream.encoded, stream.content.byteLength - 1))).toMatch(
        /^(too_large|invalid_chunk)$/,
      );
      expect(tagOf(() => codec.decompress(stream.encoded, 0))).toMatch(/^(too_large|invalid_chunk)$/);
    });

    it("refuses no bytes, other bytes, every cut and what follows", () => {
      expect(tagOf(() => codec.decompress(new Uint8Array(0), 100))).toBe("invalid_chunk");
      expect(tagOf(() => codec.decompress(new Uint8Array(40), 100))).toBe("invalid_chunk");
      for (let length = 1; length < encoded.byteLength; length++) {
        expect(
          tagOf(() => codec.decompress(encoded.subarray(0, length), enough)),
          `${length} bytes`,
        ).toBe("invalid_chunk");
      }
      const longer = Buffer.concat([encoded, Buffer.from("garbage")]);
      expect(tagOf(() => codec.decompress(longer, enough))).toBe("invalid_chunk");
    });

    it.runIf(joins)("reads several streams as one", () => {
      const twice = Buffer.concat([encoded, encoded]);
      expect(isSame(codec.decompress(twice, 2 * content.byteLength), Buffer.concat([content, content]))).toBe(true);
      expect(tagOf(() => codec.decompress(twice, 2 * content.byteLength - 1))).toMatch(/^(too_large|invalid_chunk)$/);
    });

    it.each(known)("survives damage: $title", (stream) => {
      const random = createRandom(seed);
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        const damaged = new Uint8Array(stream.encoded);
        for (let flips = 1 + random.integer(2); flips > 0; flips--) {
          const at = random.integer(damaged.byteLength);
          damaged[at] = random.integer(2) === 0 ? random.integer(256) : (damaged[at] ?? 0) ^ (1 << random.integer(8));
        }
        let found: Uint8Array | undefined;
        const tag = tagOf(() => {
          found = codec.decompress(damaged, 2 * stream.content.byteLength);
        });
        expect(tag).toMatch(/^(ok|invalid_chunk|too_large|unsupported)$/);
        expect(found?.byteLength ?? 0).toBeLessThanOrEqual(2 * stream.content.byteLength);
        expect(tag !== "ok" || !isChecked || isSame(found, stream.content), `mutant ${i}`).toBe(true);
        refused += tag === "ok" ? 0 : 1;
      }
      expect(refused).toBeGreaterThan(0);
      expect(isSame(codec.decompress(stream.encoded, stream.content.byteLength), stream.content)).toBe(true);
    });

    it("does not take the memory that a bomb asks for", async () => {
      const bomb = await compress(new Uint8Array(bombBytes));
      expect(bomb.byteLength).toBeLessThan(bombBytes / 50);
      const before = process.memoryUsage().arrayBuffers;
      expect(tagOf(() => codec.decompress(bomb, 1000))).toMatch(/^(too_large|invalid_chunk)$/);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bombBytes / 2);
    });

    const noise = createRandom(seed).bytes(noiseBytes);
    it.each([
      ["nothing", new Uint8Array(0)],
      ["one byte", Uint8Array.of(200)],
      ["noise", noise],
      ["zeros of 1 MiB", new Uint8Array(1 << 20)],
      ["text", Buffer.from("a voxel, a label, another voxel ".repeat(3000))],
      ["few values", noise.subarray(0, 50_000).map((byte) => byte & 3)],
      ["labels", new Uint8Array(BigUint64Array.from({ length: 9000 }, (_, i) => BigInt((i * i) >> 12)).buffer)],
    ])("reads back what it makes of %s", async (_, input) => {
      expect(isSame(codec.decompress(await compress(input), input.byteLength), input)).toBe(true);
    });

    it.each(levels)("reads back what it makes at level %d", async (level) => {
      for (const input of [new Uint8Array(0), noise.subarray(0, 5000), Buffer.from("voxel ".repeat(5000))]) {
        expect(isSame(codec.decompress(await compress(input, level), input.byteLength), input)).toBe(true);
      }
    });

    it("makes the same of the same bytes, and does not change them", async () => {
      const input = new Uint8Array(content);
      const [first, second] = [await compress(input), await compress(input)];
      expect(isSame(first, second)).toBe(true);
      expect(isSame(input, content)).toBe(true);
    });

    it("does not compress for a caller who cancelled", async () => {
      await expect(codec.compress?.(content, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        tag: "cancelled",
      });
    });
  });
}
