import { describe, expect, it } from "vitest";
import { tileKey, type WantedTile, wantedTiles } from "../../../../webview/src/slices/wantedTiles.ts";
import { anisotropicScales, layerOf, modelOf, scaleOf, viewOf } from "./fixtures.ts";

const { layers } = modelOf();
const short = ({ address }: WantedTile): string => `${address.mip}:${address.u},${address.v}`;

describe("wantedTiles", () => {
  it("covers the view in xy with tiles of the chosen mip", () => {
    const fine = wantedTiles([viewOf()], layers).filter(({ address, isPrefetch }) => address.mip === 0 && !isPrefetch);
    expect(fine.map(short).sort()).toEqual(["0:3,1", "0:3,2", "0:4,1", "0:4,2"]);
    expect(fine.map(({ address }) => address.slice)).toEqual([32, 32, 32, 32]);
  });

  it.each([
    ["xz", 512],
    ["yz", 1024],
  ] as const)("cuts %s at the voxel of its own normal", (plane, slice) => {
    const wanted = wantedTiles([viewOf({ plane })], layers).filter(({ isPrefetch }) => !isPrefetch);
    const fine = wanted.filter(({ address }) => address.mip === 0);
    expect(new Set(fine.map(({ address }) => address.slice))).toEqual(new Set([slice]));
    expect(fine.every(({ address }) => address.plane === plane && address.v === 0)).toBe(true);
  });

  it("counts tiles from the corner of the bounds", () => {
    const offset = [scaleOf([4, 4, 40], [1256, 1256, 64], [1000, 1000, 0])];
    const view = viewOf({ centerNm: [4400, 4400, 20] });
    const wanted = wantedTiles([view], modelOf([layerOf(1, offset)]).layers);
    expect(wanted.filter(({ isPrefetch }) => !isPrefetch).map(short)).toEqual(["0:0,0"]);
  });

  it("puts coarse before fine at the centre, then goes outwards, neighbouring slices last", () => {
    const view = viewOf({ centerNm: [4096 + 256, 2048 + 256, 1300] });
    const wanted = wantedTiles([view], layers);
    expect(wanted.slice(0, 3).map(short)).toEqual(["3:0,0", "2:1,0", "0:4,2"]);
    const firstPrefetch = wanted.findIndex(({ isPrefetch }) => isPrefetch);
    expect(firstPrefetch).toBeGreaterThan(3);
    expect(wanted.slice(firstPrefetch).every(({ isPrefetch }) => isPrefetch)).toBe(true);
    expect(new Set(wanted.slice(firstPrefetch).map(({ address }) => address.slice))).toEqual(new Set([31, 33]));
  });

  it("wants nothing of hidden layers, of slices outside the bounds, or far beside the volume", () => {
    const hidden = layers.map((entry) => ({ ...entry, view: { ...entry.view, isVisible: false } }));
    expect(wantedTiles([viewOf()], hidden)).toEqual([]);
    expect(wantedTiles([viewOf({ centerNm: [4096, 2048, 2560 + 100] })], layers)).toEqual([]);
    expect(wantedTiles([viewOf({ centerNm: [-90_000, 2048, 1300] })], layers)).toEqual([]);
  });

  it("does not fetch ahead past the last slice", () => {
    const wanted = wantedTiles([viewOf({ centerNm: [4096, 2048, 63.5 * 40] })], layers);
    expect(new Set(wanted.map(({ address }) => address.slice))).toEqual(new Set([63, 62]));
  });

  it("takes the mip that a layer is fixed to", () => {
    const fixed = layers.map((entry) => ({ ...entry, view: { ...entry.view, mip: 3 } }));
    expect(wantedTiles([viewOf()], fixed).every(({ address }) => address.mip === 3)).toBe(true);
  });

  it("names tiles so that no two share a key", () => {
    const wanted = wantedTiles(
      [viewOf(), viewOf({ plane: "xz" })],
      [...layers, ...modelOf([layerOf(2, anisotropicScales)]).layers],
    );
    expect(new Set(wanted.map(({ address }) => tileKey(address))).size).toBe(wanted.length);
  });
});
