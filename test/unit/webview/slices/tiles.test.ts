import { describe, expect, it } from "vitest";
import type { TileDescription } from "../../../../schemas/protocol/volume.ts";
import { percentileWindow, rangeOfType } from "../../../../webview/src/slices/contrast.ts";
import { decodeTile } from "../../../../webview/src/slices/tileReply.ts";
import { createTileStore, type StoredTile } from "../../../../webview/src/slices/tileStore.ts";

function describeTile(options: Partial<TileDescription>): TileDescription {
  return { width: 2, height: 1, encoding: "raw", dtype: "uint8", channels: 1, byteLength: 2, missing: [], ...options };
}

describe("decodeTile", () => {
  it("views raw voxels as their type", () => {
    const data = new Uint8Array(Int16Array.of(-5, 300).buffer);
    const { pixels } = decodeTile({ tile: describeTile({ dtype: "int16", byteLength: 4 }), data });
    expect(pixels).toMatchObject({ kind: "image", base: 0, data: Int16Array.of(-5, 300) });
  });

  it("takes wide types as float32 above their base", () => {
    const data = new Uint8Array(Float32Array.of(0, 1.5).buffer);
    const tile = describeTile({ dtype: "float64", byteLength: 8, base: "1000" });
    expect(decodeTile({ tile, data }).pixels).toMatchObject({ base: 1000, data: Float32Array.of(0, 1.5) });
  });

  it("reads indices and the exact labels of the table behind them", () => {
    const data = new Uint8Array(24);
    new Uint16Array(data.buffer, 0, 2).set([1, 0]);
    new BigUint64Array(data.buffer, 8).set([0n, 2n ** 64n - 1n]);
    const tile = describeTile({ encoding: "idx16", dtype: "uint64", tableLength: 2, byteLength: 24 });
    const decoded = decodeTile({ tile, data });
    expect(decoded.pixels.data).toEqual(Uint16Array.of(1, 0));
    expect(decoded.table).toEqual(BigUint64Array.of(0n, 2n ** 64n - 1n));
  });

  it("copies bytes that are not aligned", () => {
    const data = new Uint8Array(new Uint8Array([9, 1, 0, 2, 0]).buffer, 1, 4);
    const { pixels } = decodeTile({ tile: describeTile({ dtype: "uint16", byteLength: 4 }), data });
    expect(pixels.data).toEqual(Uint16Array.of(1, 2));
  });

  it("refuses bytes that do not fit the description", () => {
    expect(() => decodeTile({ tile: describeTile({}), data: new Uint8Array(3) })).toThrow("3 bytes instead of 2");
    expect(() => decodeTile({ tile: describeTile({ width: 3 }), data: new Uint8Array(2) })).toThrow(
      "2 bytes for 3x1x1",
    );
    const labels = describeTile({ encoding: "idx16", dtype: "uint64", tableLength: 2, byteLength: 16 });
    expect(() => decodeTile({ tile: labels, data: new Uint8Array(16) })).toThrow("a table of 2");
    // A message may carry anything.
    expect(() => decodeTile({ tile: describeTile({}), data: {} as Uint8Array })).toThrow("0 bytes instead of 2");
  });
});

function stored(layer: number, sizeBytes: number, data = new Uint8Array(1)): StoredTile {
  return {
    pixels: { kind: "image", width: data.length, height: 1, channels: 1, data, base: 0 },
    dtype: "uint8",
    missing: [],
    sizeBytes,
    address: { layer, mip: 0, plane: "xy", slice: 0, u: 0, v: 0 },
  };
}

describe("the tile store", () => {
  function setUp() {
    const evicted: string[] = [];
    return { evicted, store: createTileStore({ maxBytes: 100, evicted: (key) => evicted.push(key) }) };
  }

  it("lets the least recently drawn tiles go when it is full", () => {
    const { store, evicted } = setUp();
    store.put("a", stored(1, 40));
    store.put("b", stored(1, 40));
    store.keep(["a"]);
    store.keep([]);
    store.put("c", stored(1, 40));
    expect(evicted).toEqual(["b"]);
    expect(store.sizeBytes).toBe(80);
  });

  it("never lets go what is being drawn, nor what has just come", () => {
    const { store, evicted } = setUp();
    store.put("a", stored(1, 60));
    store.put("b", stored(1, 40));
    store.keep(["a", "b"]);
    store.put("c", stored(1, 50));
    expect(evicted).toEqual([]);
    store.keep(["c"]);
    expect(evicted).toEqual(["a"]);
  });

  it("counts a replaced tile once", () => {
    const { store } = setUp();
    store.put("a", stored(1, 40));
    store.put("a", stored(1, 30));
    expect(store.sizeBytes).toBe(30);
  });

  it("removes the tiles of a layer", () => {
    const { store, evicted } = setUp();
    store.put("a", stored(1, 10));
    store.put("b", stored(2, 10));
    store.removeLayer(1);
    expect(evicted).toEqual(["a"]);
    expect(store.has("b")).toBe(true);
  });
});

describe("contrast windows", () => {
  it("are the range of narrow types", () => {
    expect(rangeOfType("uint8")).toEqual([0, 255]);
    expect(rangeOfType("int8")).toEqual([-128, 127]);
    expect(rangeOfType("uint16")).toBeUndefined();
  });

  it("span the 1st to the 99th percentile of wide types", () => {
    const data = Uint8Array.from({ length: 201 }, (_, index) => index);
    expect(percentileWindow([stored(1, 1, data)])).toEqual([2, 198]);
  });

  it("leave out what is missing and what is no number", () => {
    const tile = stored(1, 1, Uint8Array.of(0, 0, 50, 60));
    expect(percentileWindow([{ ...tile, missing: [[0, 0, 2, 1]] }])).toEqual([50, 60]);
    const floats = {
      kind: "image",
      width: 3,
      height: 1,
      channels: 1,
      data: Float32Array.of(Number.NaN, 1, 2),
      base: 10,
    } as const;
    expect(percentileWindow([{ ...tile, pixels: floats }])).toEqual([11, 12]);
  });

  it("of a constant are not empty, and there is none without voxels", () => {
    expect(percentileWindow([stored(1, 1, Uint8Array.of(7, 7))])).toEqual([7, 8]);
    expect(percentileWindow([])).toBeUndefined();
  });
});
