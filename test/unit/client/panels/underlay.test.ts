import { describe, expect, it } from "vitest";
import { findUnderlay, haveSameBounds } from "../../../../client/src/panels/underlay.ts";
import type { FolderEntry, LayerSummary } from "../../../../schemas/protocol/storage.ts";
import type { ScaleDescription, Triple } from "../../../../schemas/protocol/volume.ts";

const finest: ScaleDescription = {
  key: "8_8_40",
  resolutionNm: [8, 8, 40],
  min: [0, 0, 0],
  max: [512, 512, 64],
  chunkSize: [64, 64, 64],
  encoding: "raw",
  isSharded: false,
};

function entry(name: string, kind: LayerSummary["kind"], size: Triple, resolutionNm: Triple): FolderEntry {
  const scales = [{ key: "0", size, resolutionNm, encoding: "raw", isSharded: false, chunkCount: 1 }];
  return { name, kind: "folder", location: `/data/${name}`, layer: { kind, scales } };
}

/** A server whose folder /data has these entries, and whose volumes start at the given corners. */
function serverOf(entries: readonly FolderEntry[], corners: Readonly<Record<string, Triple>> = {}) {
  const closed: number[] = [];
  return {
    closed,
    async request(definition: { method: string }, params: unknown) {
      const { location } = params as { location: string };
      if (definition.method.endsWith("listFolder")) {
        return { entries: location === "/data" ? entries : [] };
      }
      const min = corners[location] ?? [0, 0, 0];
      const [size, resolutionNm] = [entries.find((one) => one.location === location)?.layer?.scales?.[0]].flatMap(
        (scale) => (scale === undefined ? [] : [scale.size, scale.resolutionNm]),
      ) as [Triple, Triple];
      const max = min.map((start, axis) => start + (size[axis] ?? 0));
      return { handle: 7, scales: [{ ...finest, resolutionNm, min, max }] };
    },
    notify: (_: unknown, { handle }: { handle: number }) => closed.push(handle),
  };
}
const find = (fake: ReturnType<typeof serverOf>) =>
  // The fake answers the two requests that are made; the real signatures are generic.
  findUnderlay(fake as never, { location: "/data/seg", finest }, new AbortController().signal);

describe("findUnderlay", () => {
  it("finds the sibling image of the same physical size, at another resolution too, and closes it", async () => {
    const fake = serverOf([
      entry("seg", "segmentation", [512, 512, 64], [8, 8, 40]),
      entry("small", "image", [256, 256, 64], [8, 8, 40]),
      entry("em", "image", [1024, 1024, 64], [4, 4, 40]),
    ]);
    expect(await find(fake)).toBe("/data/em");
    expect(fake.closed).toEqual([7]);
  });

  it("takes no image that lies elsewhere", async () => {
    const fake = serverOf([entry("em", "image", [512, 512, 64], [8, 8, 40])], { "/data/em": [100, 0, 0] });
    expect(await find(fake)).toBeUndefined();
  });

  it("takes no segmentation", async () => {
    expect(await find(serverOf([entry("other", "segmentation", [512, 512, 64], [8, 8, 40])]))).toBeUndefined();
  });
});

describe("haveSameBounds", () => {
  it("allows for sizes that were rounded up", () => {
    const coarse = { resolutionNm: [16, 16, 40], min: [0, 0, 0], max: [256, 257, 64] } as const;
    expect(haveSameBounds(coarse, finest)).toBe(true);
  });
});
