/** What opening a layer must not do: compile or instantiate anything that only reading voxels needs. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chunkCodecs } from "../../../../server/src/engine/builtins.ts";
import { createEngine, type Engine } from "../../../../server/src/index.ts";

let engine: Engine;
beforeEach(() => {
  engine = createEngine({ workers: 1 });
});
afterEach(async () => {
  await engine.dispose();
});

/** How often wasm is compiled or instantiated while `act` runs. */
async function wasmOf(act: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const counting = <T extends object>(original: T): T =>
    new Proxy(original, {
      construct(target, args, newTarget) {
        count++;
        return Reflect.construct(target as never, args, newTarget);
      },
      apply(target, self, args) {
        count++;
        return Reflect.apply(target as never, self, args);
      },
    });
  vi.stubGlobal("WebAssembly", {
    Memory: WebAssembly.Memory,
    Module: counting(WebAssembly.Module),
    Instance: counting(WebAssembly.Instance),
    compile: counting(WebAssembly.compile),
    instantiate: counting(WebAssembly.instantiate),
  });
  try {
    await act();
  } finally {
    vi.unstubAllGlobals();
  }
  return count;
}

function infoOf(encoding: string, dtype = "uint8"): object {
  return {
    "@type": "neuroglancer_multiscale_volume",
    type: "image",
    data_type: dtype,
    num_channels: 1,
    scales: [
      {
        key: "1_1_1",
        size: [8, 8, 8],
        voxel_offset: [0, 0, 0],
        chunk_sizes: [[8, 8, 8]],
        resolution: [1, 1, 1],
        encoding,
      },
    ],
  };
}

it.each(chunkCodecs)("opening a $name layer instantiates no wasm", async ({ name: encoding, dtypes }) => {
  await engine.createVolume(`mem://lazy/${encoding}`, infoOf(encoding, dtypes[0]));
  const opened = await wasmOf(async () => {
    const volume = await engine.openVolume(`mem://lazy/${encoding}`);
    expect(volume.scales[0]?.encoding).toBe(encoding);
  });
  expect(opened).toBe(0);
});

it("reading it does", async () => {
  const volume = await engine.createVolume("mem://lazy/raw", infoOf("raw"));
  expect(await wasmOf(() => volume.download(undefined, { fillMissing: true }))).toBeGreaterThan(0);
});
