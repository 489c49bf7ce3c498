import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cutSlice, growTissue } from "../../../../server/src/sample/tissue.ts";

const options = { size: [96, 80, 8], anisotropy: 5, seed: 3 } as const;
const tissue = growTissue(options);
const slice = cutSlice(tissue, 4);

describe("a synthetic tissue", () => {
  it("is the same for the same seed, whatever was cut before", () => {
    const again = cutSlice(growTissue(options), 4);
    expect(again.image).toEqual(slice.image);
    expect(again.processes).toEqual(slice.processes);
  });

  it("is the same on every machine", () => {
    expect([sha256Of(slice.image), sha256Of(slice.processes)]).toEqual([
      "9e5e22a761d26854c6aa93934d933113d0523a6b4d8aa8c948c8f5a152992b95",
      "94e36cdea993de14795f719864f4ea95091ddfe2f37f6a594173266b346f2779",
    ]);
  });

  it("is another for another seed", () => {
    expect(cutSlice(growTissue({ ...options, seed: 4 }), 4).processes).not.toEqual(slice.processes);
  });

  it("has the size it was asked for, and several cells in a slice", () => {
    expect(slice.image.length).toBe(96 * 80);
    expect(slice.processes.length).toBe(96 * 80);
    expect(new Set(slice.processes).size).toBeGreaterThan(5);
  });

  it("gives each cell an id of its own above 2^53, and none to the background", () => {
    const [background, ...ids] = tissue.ids;
    expect(background).toBe(0n);
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id > 2n ** 53n)).toBe(true);
  });

  it("is dark where two cells touch", () => {
    const touching: number[] = [];
    const inside: number[] = [];
    slice.processes.forEach((process, at) => {
      const left = slice.processes[at - 2];
      const right = slice.processes[at + 2];
      if (process === 0 && left !== right && left !== 0 && right !== 0) {
        touching.push(slice.image[at] ?? 0);
      } else if (process !== 0 && left === process && right === process) {
        inside.push(slice.image[at] ?? 0);
      }
    });
    expect(touching.length).toBeGreaterThan(50);
    expect(mean(inside) - mean(touching)).toBeGreaterThan(50);
  });

  it("changes little from one slice to the next", () => {
    const next = cutSlice(tissue, 5);
    const kept = slice.processes.filter((process, at) => process === next.processes[at]).length;
    expect(kept / slice.processes.length).toBeGreaterThan(0.6);
    expect(kept).toBeLessThan(slice.processes.length);
  });
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const sha256Of = (voxels: Uint8Array | Uint16Array): string => createHash("sha256").update(voxels).digest("hex");
