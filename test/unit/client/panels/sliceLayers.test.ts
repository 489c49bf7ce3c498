import { describe, expect, it } from "vitest";
import { createSliceLayers, type VolumeServer } from "../../../../client/src/panels/sliceLayers.ts";
import { ServerError } from "../../../../client/src/server/serverError.ts";
import type { VolumeDescription } from "../../../../schemas/protocol/volume.ts";

const description: Omit<VolumeDescription, "handle" | "location" | "name"> = {
  layerType: "image",
  dtype: "uint8",
  channels: 1,
  scales: [],
};

/** A server that opens everything except "/missing", with handles that count up from 10 times its generation. */
function fakeServer() {
  const log: string[] = [];
  let opened = 0;
  const server = {
    log,
    generation: 1,
    async start() {},
    async request(definition: { method: string }, params: unknown) {
      const { location } = params as { location: string };
      log.push(`${definition.method} ${location}`);
      if (location === "/missing") {
        throw new ServerError({ tag: "not_found", message: "no info" });
      }
      return { ...description, handle: server.generation * 10 + ++opened, location, name: location.slice(1) };
    },
    notify(definition: { method: string }, params: unknown) {
      log.push(`${definition.method} ${(params as { handle: number }).handle}`);
    },
    async readTile(params: { handle: number }) {
      log.push(`tile ${params.handle}`);
      return { tile: {}, data: new Uint8Array() };
    },
  };
  return server;
}
// The fake answers the requests that layers make; the real signatures are generic.
const asServer = (fake: ReturnType<typeof fakeServer>) => fake as unknown as VolumeServer;
const settled = () => new Promise((resolve) => setImmediate(resolve));
const tile = { mip: 0, plane: "xy", slice: 0, u: 0, v: 0 } as const;
const signal = new AbortController().signal;

describe("createSliceLayers", () => {
  it("shows a layer at once and its volume when it is open, without the handle", async () => {
    const fake = fakeServer();
    const layers = createSliceLayers(asServer(fake), () => undefined);
    layers.add("/em");
    expect(layers.list()).toEqual([{ id: 1, location: "/em", name: "em" }]);
    await settled();
    expect(layers.list()).toEqual([
      { id: 1, location: "/em", name: "em", volume: { ...description, location: "/em", name: "em" } },
    ]);
  });

  it("puts a layer below the others when it is told to", () => {
    const layers = createSliceLayers(asServer(fakeServer()), () => undefined);
    layers.add("/seg");
    layers.add("/em", { atBottom: true });
    expect(layers.locations()).toEqual(["/em", "/seg"]);
  });

  it("keeps the failure of a layer, and forgets it when a retry works", async () => {
    const fake = fakeServer();
    const layers = createSliceLayers(asServer(fake), () => undefined);
    layers.add("/missing");
    await settled();
    expect(layers.list()).toEqual([
      { id: 1, location: "/missing", name: "missing", problem: { tag: "not_found", message: "no info" } },
    ]);
    await layers.retry(1);
    expect(fake.log).toEqual(["cloudvolume/volume/open /missing", "cloudvolume/volume/open /missing"]);
  });

  it("reads tiles with the handle of the server that runs", async () => {
    const fake = fakeServer();
    const layers = createSliceLayers(asServer(fake), () => undefined);
    layers.add("/em");
    await layers.readTile({ layer: 1, ...tile }, signal);
    fake.generation = 2;
    await layers.readTile({ layer: 1, ...tile }, signal);
    expect(fake.log).toEqual(["cloudvolume/volume/open /em", "tile 11", "cloudvolume/volume/open /em", "tile 22"]);
  });

  it("closes the volumes when it is disposed", async () => {
    const fake = fakeServer();
    const layers = createSliceLayers(asServer(fake), () => undefined);
    layers.add("/em");
    await settled();
    layers.dispose();
    await settled();
    expect(fake.log.at(-1)).toBe("cloudvolume/volume/close 11");
  });

  it("closes a volume that opens after its layer was removed", async () => {
    const fake = fakeServer();
    const layers = createSliceLayers(asServer(fake), () => undefined);
    layers.add("/em");
    layers.remove(1);
    await settled();
    expect(layers.list()).toEqual([]);
    expect(fake.log).toContain("cloudvolume/volume/close 11");
  });

  it("refuses a tile of a layer that is not there", async () => {
    const layers = createSliceLayers(asServer(fakeServer()), () => undefined);
    await expect(layers.readTile({ layer: 5, ...tile }, signal)).rejects.toThrow("no such layer: 5");
  });
});
