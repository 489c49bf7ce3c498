/**
 * jxl's ways from JPEG and back against damaged bytes: 20,000 seeded mutants each. A mutant gives nothing, a typed error, or bytes; what is made of
 * a JPEG file gives that very file back. `FUZZ_SEED` and `FUZZ_MUTANTS` choose others.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { jpegCodec } from "../../server/src/codecs/chunk/jpeg.ts";
import { jxlCodec } from "../../server/src/codecs/chunk/jxl.ts";
import type { Bridge } from "../../server/src/codecs/codec.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";
import { mutate } from "./mutants.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_123);
const mutantCount = Number(process.env.FUZZ_MUTANTS ?? 20_000);
const mostMs = 2000;
const mostGrowthBytes = 300 * 2 ** 20;

describe(`jpeg and jxl (seed ${seed})`, () => {
  const jpegs: Uint8Array[] = [];
  const jxls: Uint8Array[] = [];
  let fromJpeg: Bridge;
  let toJpeg: Bridge;
  beforeAll(async () => {
    const { bridges } = await jxlCodec.load();
    fromJpeg = bridges?.from?.jpeg ?? (() => undefined);
    toJpeg = bridges?.to?.jpeg ?? (() => undefined);
    const { encode } = await jpegCodec.load();
    const workspace = createFakeWorkspace(1 << 16, 1 << 20);
    for (const channels of [1, 3]) {
      const voxels = createRandom(seed)
        .bytes(16 * 8 * 4 * channels)
        .map((value) => 100 + (value & 31));
      const jpeg = encode?.(voxels, { size: [16, 8, 4], channels, dtype: "uint8", parameters: {} }, workspace);
      const jxl = jpeg && fromJpeg(jpeg);
      expect(jxl).toBeDefined();
      jpegs.push(jpeg ?? new Uint8Array(0));
      jxls.push(jxl ?? new Uint8Array(0));
    }
  });

  it(`survive ${mutantCount} mutants of JPEG files`, () => {
    const kept = run(jpegs, fromJpeg, (container, jpeg) => expect(toJpeg(container)).toEqual(jpeg));
    expect(kept).toBeGreaterThan(0);
  });

  it(`survive ${mutantCount} mutants of containers`, () => {
    run(jxls, toJpeg, () => undefined);
    expect(toJpeg(jxls[0] ?? new Uint8Array(0))).toEqual(jpegs[0]);
  });
});

/** Gives how many mutants had a form in the other encoding; `check` looks at one in 16 of those. */
function run(
  sound: readonly Uint8Array[],
  bridge: Bridge,
  check: (result: Uint8Array, mutant: Uint8Array) => void,
): number {
  const random = createRandom(seed);
  const before = process.memoryUsage().rss;
  let kept = 0;
  for (let index = 0; index < mutantCount; index++) {
    const mutant = mutate(sound[index % sound.length] as Uint8Array, random);
    const start = performance.now();
    const result = attempt(bridge, mutant);
    expect(performance.now() - start, `mutant ${index}`).toBeLessThan(mostMs);
    if (result !== undefined && kept++ % 16 === 0) {
      check(result, mutant);
    }
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(mostGrowthBytes);
  return kept;
}

function attempt(bridge: Bridge, mutant: Uint8Array): Uint8Array | undefined {
  try {
    return bridge(mutant);
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    expect(["invalid_chunk", "unsupported"]).toContain(error.tag);
    return undefined;
  }
}
