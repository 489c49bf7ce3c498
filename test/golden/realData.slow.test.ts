/** A real segmentation (mouse cortex, compresso + gzip), against the hashes of what CloudVolume reads. Whole mips above mip 0, whose cutouts do. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Bbox } from "../../server/src/base/bbox.ts";
import { createEngine, type DataType } from "../../server/src/index.ts";
import { describeWithShared } from "../fakes/shared.ts";
import { looking, sha256Of } from "./manifest.ts";

interface RealMip {
  readonly mip: number;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly resolution: readonly number[];
  readonly chunk_size: readonly number[];
  readonly voxels_sha256: string;
  readonly cutouts: readonly {
    readonly begin: Bbox["min"];
    readonly end: Bbox["max"];
    readonly shape: readonly number[];
    readonly sha256: string;
    readonly unique_labels: number;
    readonly first: string;
    readonly last: string;
  }[];
}

describeWithShared("a real segmentation", ["data", "test_seg_unsharded"], (folder) => {
  const manifest = JSON.parse(readFileSync(path.join(folder, "../manifest.json"), "utf8"));
  const { mips }: { mips: readonly RealMip[] } = manifest.volumes.find(
    (volume: { readonly path: string }) => volume.path === "test_seg_unsharded",
  );
  const engine = createEngine({ workers: 2 });
  afterAll(() => engine.dispose());

  it("has three mips", () => {
    expect(mips.map(({ mip }) => mip)).toEqual([0, 1, 2]);
  });

  describe.each(mips)("mip $mip", ({ mip, ...expected }) => {
    it("has its metadata", async () => {
      const volume = await engine.openVolume(folder);
      expect(volume.bounds(mip)).toEqual({ min: [0, 0, 0], max: expected.shape.slice(0, 3) });
      expect([volume.dtype, volume.resolution(mip), volume.chunkSize(mip)]).toEqual([
        expected.dtype,
        expected.resolution,
        expected.chunk_size,
      ]);
    });

    if (mip > 0) {
      it("has every voxel", async () => {
        const volume = await engine.openVolume(folder);
        expect(await looking(volume, undefined, { mip }, sha256Of)).toBe(expected.voxels_sha256);
      });
    }

    it.each(expected.cutouts)("cutout $begin to $end", async ({ begin, end, ...wanted }) => {
      const volume = await engine.openVolume(folder);
      await looking(volume, { min: begin, max: end }, { mip }, (cutout) => {
        expect(cutout.shape).toEqual(wanted.shape);
        expect(sha256Of(cutout)).toBe(wanted.sha256);
        expect([cutout.data.at(0), cutout.data.at(-1)].map(String)).toEqual([wanted.first, wanted.last]);
        expect(new Set(cutout.data as Uint32Array).size).toBe(wanted.unique_labels);
      });
    });
  });
});
