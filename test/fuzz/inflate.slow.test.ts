/** The inflate kernel and zlib on 20,000 damaged gzip files: the same bytes, or both refuse. */
import zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflateGzipInto } from "../../server/src/codecs/bytes/inflateKernel.ts";
import { inflateGzip } from "../../server/src/codecs/bytes/zlib.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom, type Random } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";

const seed = 1952;
const mutants = 20_000;
const maxBytes = 40_000;
const workspace = createFakeWorkspace(0, 1 << 20);

function samples(random: Random): Buffer[] {
  const noise = random.bytes(3000);
  const inputs = [
    noise,
    noise.map((byte) => byte & 15),
    Buffer.alloc(30_000),
    Buffer.from("labels and voxels, ".repeat(300)),
    Buffer.from(BigUint64Array.from({ length: 3000 }, (_, i) => BigInt(i >> 6)).buffer),
  ];
  return inputs.flatMap((input) =>
    [0, 1, 9].flatMap((level) =>
      [zlib.constants.Z_DEFAULT_STRATEGY, zlib.constants.Z_FIXED].map((strategy) =>
        zlib.gzipSync(input, { level, strategy }),
      ),
    ),
  );
}

/** The checksum says at once that a stream changed: the mutant gets the one of what zlib reads, if it reads anything. */
function repaired(file: Buffer): Buffer {
  try {
    const content = zlib.inflateRawSync(file.subarray(10), {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
      maxOutputLength: maxBytes,
    });
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(zlib.crc32(content));
    trailer.writeUInt32LE(content.byteLength, 4);
    return Buffer.concat([file.subarray(0, -8), trailer]);
  } catch {
    return file;
  }
}

function damage(random: Random, file: Buffer): Buffer {
  const bytes = Buffer.from(file);
  for (let i = random.integer(3); i >= 0; i--) {
    // Headers of blocks are at the front, and more is to be broken there.
    const at = random.integer(2) === 0 ? 10 + random.integer(40) : random.integer(bytes.byteLength);
    if (at < bytes.byteLength) {
      bytes[at] = random.integer(2) === 0 ? random.integer(256) : (bytes[at] ?? 0) ^ (1 << random.integer(8));
    }
  }
  const cut = random.integer(10) === 0 ? bytes.subarray(0, random.integer(bytes.byteLength + 1)) : bytes;
  return random.integer(2) === 0 ? repaired(cut) : cut;
}

function resultOf(inflate: () => Uint8Array | undefined): Buffer | string {
  try {
    const content = inflate();
    return content === undefined ? "no room" : Buffer.from(content);
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag;
  }
}

describe(`inflate (seed ${seed})`, () => {
  it("refuses what zlib refuses and reads what it reads", () => {
    const random = createRandom(seed);
    const files = samples(random);
    let readable = 0;
    for (let i = 0; i < mutants; i++) {
      const mutant = damage(random, files[random.integer(files.length)] ?? Buffer.alloc(0));
      workspace.arena.reset();
      const found = resultOf(() => inflateGzipInto(mutant, maxBytes, workspace));
      const wanted = resultOf(() => inflateGzip(mutant, maxBytes));
      const isSame = typeof found === "string" ? found === wanted : Buffer.compare(found, wanted as Buffer) === 0;
      expect(isSame, `mutant ${i}: ${found.length} ${wanted.length} ${mutant.toString("base64").slice(0, 4000)}`).toBe(
        true,
      );
      readable += typeof found === "string" ? 0 : 1;
    }
    // The repaired ones are what the comparison of bytes lives from.
    expect(readable).toBeGreaterThan(mutants / 20);
    expect(readable).toBeLessThan(mutants / 2);
  });
});
