/**
 * Every chunk decoder against damaged bytes: 20,000 seeded mutants each. A mutant gives a typed error or a chunk of exactly the promised
 * size, within 2 s, and writes nothing outside its target. `FUZZ_SEED` and `FUZZ_MUTANTS` choose others.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../../server/src/codecs/codec.ts";
import { chunkCodecs } from "../../server/src/engine/builtins.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom, type Random } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";
import { mutate } from "./mutants.ts";
import { repairs } from "./repairs.ts";
import { type SoundChunk, soundChunks } from "./soundChunks.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_123);
const mutantCount = Number(process.env.FUZZ_MUTANTS ?? 20_000);
const mostMs = 2000;
const guardBytes = 4096;
const sentinel = 0xa5;
const resultBytes = 1 << 20;
const mostGrowthBytes = 300 * 2 ** 20;

describe.each(chunkCodecs)("$name", (descriptor) => {
  const workspace = createFakeWorkspace(resultBytes + 2 * guardBytes, 16 << 20);
  const untouched = Buffer.alloc(resultBytes + 2 * guardBytes, sentinel);
  let codec: ChunkCodec;
  let sound: readonly SoundChunk[];
  beforeAll(async () => {
    codec = await descriptor.load();
    sound = await soundChunks(descriptor, codec, workspace);
    expect(sound.length).toBeGreaterThan(0);
  });

  it(`survives ${mutantCount} mutants (seed ${seed})`, () => {
    const random = createRandom(seed);
    const before = process.memoryUsage().rss;
    const outcomes = { ok: 0, invalid_chunk: 0 };
    for (let index = 0; index < mutantCount; index++) {
      const subject = sound[index % sound.length] as SoundChunk;
      const mutant = damage(descriptor, subject, random);
      const title = `mutant ${index} of "${subject.title}", ${mutant.encoded.byteLength} bytes, chunk ${mutant.chunk.size.join("x")}`;
      const start = performance.now();
      outcomes[attempt(() => decode(mutant.encoded, mutant.chunk), title)]++;
      if (index % 4 === 0) {
        attempt(() => query(mutant.encoded, mutant.chunk, random), `${title}, queried`);
      }
      const took = performance.now() - start;
      expect(took, title).toBeLessThan(mostMs);
    }
    console.log(`${descriptor.name}: ${outcomes.invalid_chunk} refused, ${outcomes.ok} decoded to the promised size`);
    expect(outcomes.invalid_chunk).toBeGreaterThan(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(mostGrowthBytes);
  });

  it("still decodes sound chunks after all that", () => {
    for (const { encoded, chunk, voxels, title } of sound) {
      const decoded = decode(encoded, chunk);
      if (voxels !== undefined) {
        expect(Buffer.compare(decoded, voxels), title).toBe(0);
      }
    }
  });

  /** Decodes into the middle of guarded memory. */
  function decode(encoded: Uint8Array, chunk: ChunkDescription): Uint8Array {
    const bytes = product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
    const memory = workspace.view(workspace.resultPointer, bytes + 2 * guardBytes);
    memory.set(untouched.subarray(0, memory.byteLength));
    workspace.arena.reset();
    const rowBytes = chunk.size[0] * voxelBytes(chunk.dtype);
    const planeBytes = chunk.size[1] * rowBytes;
    try {
      codec.decode(encoded, chunk, {
        workspace,
        pointer: workspace.resultPointer + guardBytes,
        rowBytes,
        planeBytes,
        channelBytes: chunk.size[2] * planeBytes,
        from: [0, 0, 0],
        to: chunk.size,
      });
    } finally {
      const guards = Buffer.concat([memory.subarray(0, guardBytes), memory.subarray(guardBytes + bytes)]);
      expect(untouched.subarray(0, 2 * guardBytes).equals(guards), "bytes around the target changed").toBe(true);
    }
    return memory.slice(guardBytes, guardBytes + bytes);
  }

  function query(encoded: Uint8Array, chunk: ChunkDescription, random: Random): void {
    workspace.arena.reset();
    const at = chunk.size.map((side) => random.integer(side)) as unknown as Vec3;
    switch (random.integer(4)) {
      case 0:
        codec.labels?.unique(encoded, chunk, workspace);
        break;
      case 1:
        codec.labels?.voxel(encoded, chunk, at, workspace);
        break;
      case 2:
        codec.labels?.contains(encoded, chunk, 1n, workspace);
        break;
      default:
        codec.labels?.remap(encoded, chunk, { valuesOf: (labels) => labels }, workspace);
    }
  }
});

/** "ok" or "invalid_chunk"; everything else fails the test. */
function attempt(act: () => void, title: string): "ok" | "invalid_chunk" {
  try {
    act();
    return "ok";
  } catch (error) {
    if (isVolumeError(error) && error.tag === "invalid_chunk") {
      return "invalid_chunk";
    }
    throw new Error(`${title}: ${String(error)}`, { cause: error });
  }
}

/** A mutant: damaged bytes, at times with checksums made right again, and now and then a description of another chunk. */
function damage(
  { name }: CodecDescriptor,
  { encoded, chunk }: SoundChunk,
  random: Random,
): Pick<SoundChunk, "encoded" | "chunk"> {
  if (random.integer(12) === 0) {
    return { encoded, chunk: { ...chunk, size: chunk.size.map((side) => otherSide(side, random)) as unknown as Vec3 } };
  }
  const mutant = mutate(encoded, random);
  const repair = repairs[name];
  return { encoded: repair !== undefined && random.integer(3) !== 0 ? repair(mutant) : mutant, chunk };
}

function otherSide(side: number, random: Random): number {
  return Math.max(1, side + random.integer(5) - 2);
}
