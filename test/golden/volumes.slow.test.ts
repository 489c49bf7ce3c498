/** Every unsharded golden volume of the encodings that this version has, through the public API: voxels as the reference tools wrote them. */
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Bbox } from "../../server/src/base/bbox.ts";
import { type CloudVolume, type Cutout, createEngine, isVolumeError } from "../../server/src/index.ts";
import { readExpected } from "../fakes/goldenVolumes.ts";
import { describeWithShared } from "../fakes/shared.ts";
import {
  bytesOf,
  type ExpectedMip,
  type ExpectedVolume,
  isLossy,
  isReadable,
  looking,
  readManifest,
  sha256Of,
  toBbox,
} from "./manifest.ts";

describeWithShared("golden volumes", ["golden"], (folder) => {
  const manifest = readManifest(folder);
  const engine = createEngine({ workers: 2 });
  afterAll(() => engine.dispose());
  const open = (volume: { readonly path: string } & Pick<ExpectedVolume, "open_with">): Promise<CloudVolume> =>
    engine.openVolume(path.join(folder, volume.path), {
      fillMissing: volume.open_with?.fill_missing,
      background: volume.open_with?.background_color,
    });

  it("are all of the manifest", () => {
    expect(manifest.volumes.filter(isReadable).length).toBeGreaterThanOrEqual(196);
  });

  describe.each(manifest.volumes.filter(isReadable))("$name: $covers", (expected) => {
    it.each(expected.mips)("mip $mip", async (mip) => {
      const volume = await open(expected);
      expect(metadataOf(volume, mip.mip)).toEqual(expectedMetadata(expected, mip));
      await looking(volume, undefined, { mip: mip.mip }, (cutout) => {
        expect(cutout.shape).toEqual(mip.shape);
        expectVoxels(cutout, mip, expected, folder);
      });
    });

    if (expected.cutouts !== undefined) {
      it.each(expected.cutouts)("cutout at mip $mip: $what, $bbox", async (wanted) => {
        await looking(await open(expected), toBbox(wanted.bbox), { mip: wanted.mip }, (cutout) => {
          expect(cutout.shape).toEqual(wanted.shape);
          expect(cutout.bbox).toEqual(toBbox(wanted.bbox));
          expectVoxels(cutout, wanted, expected, folder);
        });
      });
    }
    if (expected.labels !== undefined) {
      it.each(expected.labels.points.values)("label at $point is $value", async ({ point, value }) => {
        const label = await looking(await open(expected), voxelAt(point), {}, ({ data }) => [...data].map(String));
        expect(label).toEqual([value]);
      });
    }
    if (expected.background !== undefined) {
      it.each(Object.entries(expected.background))("missing chunks filled with %s", async (background, sha256) => {
        const options = { fillMissing: true, background: Number(background) };
        await looking(await open(expected), undefined, options, (cutout) => {
          if (isLossy(expected)) {
            expectFilled(cutout, expected, folder, Number(background));
          } else {
            expect(sha256Of(cutout)).toBe(sha256);
          }
        });
      });
    }
    if (expected.without_fill_missing !== undefined) {
      it("without filling, the missing chunk is an error that names it", async () => {
        const volume = await open(expected);
        const error: unknown = await volume.download(undefined, { fillMissing: false }).catch((reason) => reason);
        expect(isVolumeError(error) && error.tag).toBe("not_found");
        expect(isVolumeError(error) && error.fields.chunk).toMatch(/^4_4_40\/\d+-\d+_\d+-\d+_\d+-\d+$/);
      });
    }
    if (expected.provenance !== undefined) {
      it("provenance", async () => {
        expect(await (await open(expected)).provenance()).toMatchObject(expected.provenance ?? {});
      });
    }
  });
});

const metadataOf = (volume: CloudVolume, mip: number) => ({
  dtype: volume.dtype,
  type: volume.layerType as string,
  key: volume.scales[mip]?.key,
  min: volume.bounds(mip).min,
  chunkSize: volume.chunkSize(mip),
  encoding: volume.scales[mip]?.encoding === undefined ? undefined : "known",
});

const expectedMetadata = (volume: ExpectedVolume, mip: ExpectedMip) => ({
  dtype: mip.dtype,
  type: volume.info.type,
  key: mip.key,
  min: mip.voxel_offset,
  chunkSize: mip.chunk_size,
  encoding: "known",
});

interface Wanted {
  readonly sha256: string;
  readonly mip: number;
  readonly values?: readonly string[];
}

/** Exact voxels by their hash; lossy ones by their distance from the reference decoder's, which are kept for mip 0. */
function expectVoxels(cutout: Cutout, wanted: Wanted, volume: ExpectedVolume, folder: string): void {
  const whole = isLossy(volume) ? readExpected(folder, volume) : undefined;
  if (whole === undefined) {
    expect(isLossy(volume), "a lossy volume comes with its expected voxels").toBe(false);
    expect(sha256Of(cutout)).toBe(wanted.sha256);
    if (wanted.values !== undefined) {
      expect([...cutout.data].map(String)).toEqual(wanted.values.map((value) => canonical(value, cutout.dtype)));
    }
    return;
  }
  expect(wanted.mip).toBe(0);
  expect(cutout.dtype).toBe("uint8");
  const reference = crop(whole, mip0Box(volume), cutout.bbox, cutout.shape[3]);
  const { largest, mean } = difference(bytesOf(cutout), reference);
  expect(largest).toBeLessThanOrEqual(volume.lossy?.max_abs_error ?? 0);
  const isWhole = reference.byteLength === whole.byteLength;
  expect(mean).toBeLessThanOrEqual((isWhole ? volume.lossy?.mean_abs_error : undefined) ?? Number.POSITIVE_INFINITY);
}

/** The manifest writes floats in Python's way, with as many digits as tell them apart in their own precision. */
function canonical(value: string, dtype: Cutout["dtype"]): string {
  const rounds = { float32: Math.fround, float64: (exact: number) => exact };
  return dtype === "float32" || dtype === "float64" ? String(rounds[dtype](Number(value))) : value;
}

/** A lossy volume with missing chunks: exactly the background where the expected file, filled with zeros, holds nothing. */
function expectFilled(cutout: Cutout, volume: ExpectedVolume, folder: string, background: number): void {
  const expected = readExpected(folder, volume);
  expect(expected?.byteLength).toBe(cutout.data.byteLength);
  const filled = expected?.map((value) => (value === 0 ? background : value)) ?? new Uint8Array();
  expect(difference(bytesOf(cutout), filled).largest).toBeLessThanOrEqual(volume.lossy?.max_abs_error ?? 0);
}

const voxelAt = ([x = 0, y = 0, z = 0]: readonly number[]): Bbox => ({ min: [x, y, z], max: [x + 1, y + 1, z + 1] });

function mip0Box({ mips }: ExpectedVolume): Bbox {
  const [mip] = mips;
  const [x = 0, y = 0, z = 0] = mip?.voxel_offset ?? [];
  const [width = 0, height = 0, depth = 0] = mip?.shape ?? [];
  return { min: [x, y, z], max: [x + width, y + height, z + depth] };
}

/** The voxels of `box` out of the dense bytes of `whole`, both in Fortran order. */
function crop(bytes: Uint8Array, whole: Bbox, box: Bbox, channels: number): Uint8Array {
  const [width, height, depth] = [0, 1, 2].map((axis) => (whole.max[axis] ?? 0) - (whole.min[axis] ?? 0)) as [
    number,
    number,
    number,
  ];
  const rows: Uint8Array[] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let z = box.min[2]; z < box.max[2]; z++) {
      for (let y = box.min[1]; y < box.max[1]; y++) {
        const row = ((channel * depth + z - whole.min[2]) * height + y - whole.min[1]) * width;
        rows.push(bytes.subarray(row + box.min[0] - whole.min[0], row + box.max[0] - whole.min[0]));
      }
    }
  }
  return Buffer.concat(rows);
}

function difference(found: Uint8Array, expected: Uint8Array): { largest: number; mean: number } {
  expect(found.byteLength).toBe(expected.byteLength);
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < expected.byteLength; i++) {
    const step = Math.abs((found[i] ?? 0) - (expected[i] ?? 0));
    largest = Math.max(largest, step);
    sum += step;
  }
  return { largest, mean: sum / expected.byteLength };
}
