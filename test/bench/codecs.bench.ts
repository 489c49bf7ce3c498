/** Codecs alone, one thread, on synthetic tissue: 64³ chunks in a box of 128³, decoded in place. */
import { bench, describe } from "vitest";
import { compressedSegmentationCodec } from "../../server/src/codecs/chunk/compressed_segmentation.ts";
import { jpegCodec } from "../../server/src/codecs/chunk/jpeg.ts";
import { pngCodec } from "../../server/src/codecs/chunk/png.ts";
import { rawCodec } from "../../server/src/codecs/chunk/raw.ts";
import type { ChunkDescription, CodecDescriptor } from "../../server/src/codecs/codec.ts";
import { createRandom } from "../fakes/random.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";

const side = 64;
const boxSide = 128;
const workspace = createFakeWorkspace(boxSide ** 3 * 8, 64 << 20);

/** Which of 60 seeded points is nearest to each voxel of the chunk, the distance bent by a wave. */
function nearestCells(): Uint8Array {
  const random = createRandom(3);
  const points = Array.from(
    { length: 60 },
    () => [random.integer(side), random.integer(side), random.integer(side)] as const,
  );
  const cells = new Uint8Array(side ** 3);
  for (let i = 0; i < cells.length; i++) {
    const [x, y, z] = [i % side, (i >> 6) % side, i >> 12];
    let best = Number.POSITIVE_INFINITY;
    for (const [cell, [px, py, pz]] of points.entries()) {
      const distance = (x - px + 3 * Math.sin(y / 5)) ** 2 + (y - py + 3 * Math.sin(z / 6)) ** 2 + (z - pz) ** 2;
      if (distance < best) {
        best = distance;
        cells[i] = cell;
      }
    }
  }
  return cells;
}

const cells = nearestCells();
const labels = new BigUint64Array(cells.length).map((_, i) => 2n ** 60n + BigInt(cells[i] ?? 0) * 977n);
const noise = createRandom(4).bytes(cells.length);
const image = cells.map((cell, i) => 90 + (cell % 7) * 12 + ((noise[i] ?? 0) >> 3));

interface Case {
  readonly descriptor: CodecDescriptor;
  readonly dtype: ChunkDescription["dtype"];
  readonly voxels: Uint8Array;
}

const cases: readonly Case[] = [
  { descriptor: compressedSegmentationCodec, dtype: "uint64", voxels: new Uint8Array(labels.buffer) },
  { descriptor: rawCodec, dtype: "uint64", voxels: new Uint8Array(labels.buffer) },
  { descriptor: rawCodec, dtype: "uint8", voxels: image },
  { descriptor: jpegCodec, dtype: "uint8", voxels: image },
  { descriptor: pngCodec, dtype: "uint8", voxels: image },
];

for (const { descriptor, dtype, voxels } of cases) {
  const bytes = voxels.byteLength / side ** 3;
  const chunk: ChunkDescription = { size: [side, side, side], channels: 1, dtype, parameters: {} };
  const codec = await descriptor.load();
  workspace.arena.reset();
  const encoded = codec.encode?.(voxels, chunk, workspace) ?? voxels;
  describe(`${descriptor.name} ${dtype}, ${(voxels.byteLength / 2 ** 20).toFixed(2)} MiB a turn`, () => {
    bench("decode into a strided box", () => {
      workspace.arena.reset();
      codec.decode(encoded, chunk, {
        workspace,
        pointer: workspace.resultPointer,
        rowBytes: boxSide * bytes,
        planeBytes: boxSide ** 2 * bytes,
        channelBytes: 0,
        from: [0, 0, 0],
        to: [side, side, side],
      });
    });
    bench("encode", () => {
      workspace.arena.reset();
      codec.encode?.(voxels, chunk, workspace);
    });
  });
}
