import { afterAll, expect, it } from "vitest";
import { createEngine, type VoxelArray } from "../../../../server/src/index.ts";

const engine = createEngine({ workers: 1 });
afterAll(() => engine.dispose());

/** Encoders of these take more scratch memory than their decoders, by several times the chunk. */
const cases: readonly (readonly [
  encoding: string,
  type: string,
  dtype: string,
  create: (count: number) => VoxelArray,
])[] = [
  ["crackle", "segmentation", "uint32", (count) => new Uint32Array(count).fill(3)],
  ["zfpc", "image", "float64", (count) => new Float64Array(count).fill(3)],
];

it.each(cases)("large chunks of %s are written", async (encoding, type, dtype, create) => {
  const size = [512, 512, 16] as const;
  const scale = { key: "1", size, voxel_offset: [0, 0, 0], resolution: [1, 1, 1], chunk_sizes: [size], encoding };
  const info = { type, data_type: dtype, num_channels: 1, scales: [scale] };
  const volume = await engine.createVolume(`mem://writer-scratch/${encoding}`, info);
  const data = create(512 * 512 * 16);
  await volume.upload({ min: [0, 0, 0], max: size }, { data, shape: [...size, 1] });
  const box = { min: [5, 5, 5], max: [6, 6, 6] } as const;
  expect(Number((await volume.download(box)).data[0])).toBeCloseTo(3, 6);
});
