/**
 * The draco decoder against damaged streams: 20,000 seeded mutants. Each gives a typed error or a mesh whose faces have points that are
 * there, within 2 s; the memory of the process does not grow with what they claim. `FUZZ_SEED` and `FUZZ_MUTANTS` choose others.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createDracoDecoder, type DracoMesh } from "../../server/src/codecs/draco.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import { createRandom } from "../fakes/random.ts";
import { findShared } from "../fakes/shared.ts";
import { mutate } from "./mutants.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_123);
const mutantCount = Number(process.env.FUZZ_MUTANTS ?? 20_000);
const mostMs = 2000;
const mostGrowthBytes = 300 * 2 ** 20;

interface Encoder {
  SetSpeedOptions(encoding: number, decoding: number): void;
  SetEncodingMethod(method: number): void;
  SetAttributeQuantization(attribute: number, bits: number): void;
  EncodeMeshToDracoBuffer(mesh: object, out: EncodedArray): number;
}

interface EncodedArray {
  GetValue(index: number): number;
}

interface EncoderLibrary {
  readonly POSITION: number;
  readonly Encoder: new () => Encoder;
  readonly Mesh: new () => object;
  readonly DracoInt8Array: new () => EncodedArray;
  readonly MeshBuilder: new () => {
    AddFacesToMesh(mesh: object, count: number, faces: Uint32Array): void;
    AddFloatAttribute(mesh: object, type: number, points: number, components: number, values: Float32Array): void;
    AddInt32Attribute(mesh: object, type: number, points: number, components: number, values: Int32Array): void;
  };
}

/** A bent grid: sequential or edgebreaker, at several levels, of floats or of integers. */
async function encodedMeshes(): Promise<Uint8Array[]> {
  const create = createRequire(import.meta.url)("draco3d/draco_encoder_nodejs.js") as () => Promise<EncoderLibrary>;
  const library = await create();
  const [side, faces, points] = [12, [] as number[], [] as number[]];
  for (let i = 0; i < side * side; i++) {
    points.push(i % side, Math.floor(i / side), (i * i) % 7);
    if (i % side < side - 1 && i < side * (side - 1)) {
      faces.push(i, i + 1, i + side, i + 1, i + side + 1, i + side);
    }
  }
  const choices = [0, 1].flatMap((method) =>
    [0, 5, 10].flatMap((speed) => [true, false].map((isFloat) => ({ method, speed, isFloat }))),
  );
  return choices.map(({ method, speed, isFloat }) => {
    const [builder, mesh, encoder] = [new library.MeshBuilder(), new library.Mesh(), new library.Encoder()];
    builder.AddFacesToMesh(mesh, faces.length / 3, Uint32Array.from(faces));
    if (isFloat) {
      builder.AddFloatAttribute(mesh, library.POSITION, points.length / 3, 3, Float32Array.from(points));
      encoder.SetAttributeQuantization(library.POSITION, 11);
    } else {
      builder.AddInt32Attribute(mesh, library.POSITION, points.length / 3, 3, Int32Array.from(points));
    }
    encoder.SetSpeedOptions(speed, speed);
    encoder.SetEncodingMethod(method);
    const out = new library.DracoInt8Array();
    const length = encoder.EncodeMeshToDracoBuffer(mesh, out);
    return Uint8Array.from({ length }, (_, i) => out.GetValue(i));
  });
}

function goldenMeshes(): Uint8Array[] {
  const folder = findShared("golden", "objects", "draco");
  return folder === undefined
    ? []
    : readdirSync(folder).map((file) => new Uint8Array(readFileSync(path.join(folder, file))));
}

describe("draco", () => {
  it(`survives ${mutantCount} mutants (seed ${seed})`, async () => {
    const sound = [...(await encodedMeshes()), ...goldenMeshes()];
    expect(sound.every(({ byteLength }) => byteLength > 60)).toBe(true);
    const decoder = createDracoDecoder();
    const random = createRandom(seed);
    const outcomes: Record<string, number> = {};
    const before = process.memoryUsage().rss;
    let slowest = 0;
    for (let index = 0; index < mutantCount; index++) {
      const mutant = mutate(sound[index % sound.length] as Uint8Array, random);
      const title = `mutant ${index}, ${mutant.byteLength} bytes`;
      const start = performance.now();
      const outcome = await attempt(() => decoder.decode(mutant), title);
      slowest = Math.max(slowest, performance.now() - start);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      expect(slowest, title).toBeLessThan(mostMs);
    }
    const growth = process.memoryUsage().rss - before;
    console.log(
      `draco: ${JSON.stringify(outcomes)}, slowest ${slowest.toFixed(0)} ms, ${(growth / 2 ** 20).toFixed(0)} MiB more`,
    );
    expect(outcomes.invalid_chunk).toBeGreaterThan(0);
    expect(growth).toBeLessThan(mostGrowthBytes);
    const [first] = sound;
    expect((await decoder.decode(first as Uint8Array)).indices.length).toBe(3 * 2 * 11 * 11);
  }, 600_000);
});

async function attempt(act: () => Promise<DracoMesh>, title: string): Promise<string> {
  try {
    const { positions, indices } = await act();
    expect(positions.length % 3, title).toBe(0);
    expect(indices.length % 3, title).toBe(0);
    expect(
      indices.every((index) => 3 * index < positions.length),
      title,
    ).toBe(true);
    return "ok";
  } catch (error) {
    if (isVolumeError(error) && (error.tag === "invalid_chunk" || error.tag === "too_large")) {
      return error.tag;
    }
    throw new Error(`${title}: ${String(error)}`, { cause: error });
  }
}
