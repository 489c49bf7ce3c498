import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { formatNpyHeader } from "../../../../../server/src/base/npy.ts";
import { npzCodec } from "../../../../../server/src/codecs/chunk/npz.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const chunk: ChunkDescription = { size: [2, 3, 2], channels: 1, dtype: "uint16", parameters: {} };
/** 1000 to 1011, in the order of the chunk, as CloudVolume 12.15.2 writes them. */
const written: Readonly<Record<string, string>> = {
  "Fortran order":
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qkrqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsY6CkDSUFNHoVaBHMD1gvkl8yvm18xvmN8yv2N+z/yB+SPzJ+bPzACC7CbP",
  "C order":
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGOgpA0lBTR6FWgQzA9YL5HfMr5g/Mb5g/Mb9kfs/8mvkj81vmz8wAkgAm+g==",
};
const inOrder = Uint16Array.from({ length: 12 }, (_, i) => 1000 + i);

const known: readonly KnownChunk[] = Object.entries(written).map(([title, base64]) => ({
  title,
  chunk,
  encoded: new Uint8Array(Buffer.from(base64, "base64")),
  voxels: new Uint8Array(inOrder.buffer),
}));

codecSuite({ descriptor: npzCodec, known });

describe("npz", () => {
  const workspace = createFakeWorkspace(1 << 12, 1 << 20);
  async function tagOf(array: Uint8Array): Promise<string> {
    const codec = await npzCodec.load();
    const target = { workspace, pointer: workspace.resultPointer, rowBytes: 4, planeBytes: 12, channelBytes: 24 };
    try {
      codec.decode(new Uint8Array(deflateSync(array)), chunk, { ...target, from: [0, 0, 0], to: chunk.size });
      return "ok";
    } catch (error) {
      return (error as { tag: string }).tag;
    }
  }
  const array = (dtype: Parameters<typeof formatNpyHeader>[0], shape: readonly number[], bytes = 24): Uint8Array =>
    Buffer.concat([formatNpyHeader(dtype, shape), new Uint8Array(bytes)]);

  it("takes three axes, and a leading one", async () => {
    expect(await tagOf(array("uint16", [2, 3, 2]))).toBe("ok");
    expect(await tagOf(array("uint16", [1, 2, 3, 2]))).toBe("ok");
  });
  it.each([
    ["another type", array("int16", [2, 3, 2, 1])],
    ["another shape", array("uint16", [3, 2, 2, 1])],
    ["too few voxels", array("uint16", [2, 3, 2, 1], 22)],
    ["too many voxels", array("uint16", [2, 3, 2, 1], 26)],
    ["a bomb", array("uint16", [2, 3, 2, 1], 1 << 20)],
    ["no array", new Uint8Array(200)],
    [
      "big endian",
      Buffer.from(
        Buffer.from(array("uint16", [2, 3, 2, 1]))
          .toString("latin1")
          .replace("<u2", ">u2"),
        "latin1",
      ),
    ],
  ])("refuses %s", async (_, bytes) => {
    expect(await tagOf(bytes)).toBe("invalid_chunk");
  });
});
