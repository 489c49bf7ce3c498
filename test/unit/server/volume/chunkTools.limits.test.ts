import { afterAll, describe, expect, it } from "vitest";
import { createRegistry } from "../../../../server/src/base/registry.ts";
import { rawCodec } from "../../../../server/src/codecs/chunk/raw.ts";
import type { ChunkCodec } from "../../../../server/src/codecs/codec.ts";
import { createWorkspace } from "../../../../server/src/codecs/workspace.ts";
import { createEngine } from "../../../../server/src/index.ts";
import { createChunkTools } from "../../../../server/src/volume/chunkTools.ts";

const engine = createEngine({ workers: 1 });
const tools = engine.chunkTools;
afterAll(() => engine.dispose());

/** The first bytes of a crackle stream of version 0, which has no checksums; nothing of what they claim follows. */
function crackleOf(...size: readonly [number, number, number]): Uint8Array {
  const bytes = new Uint8Array(84);
  bytes.set([0x63, 0x72, 0x6b, 0x6c, 0, 0x9f, 0]);
  const view = new DataView(bytes.buffer);
  for (const [axis, side] of size.entries()) {
    view.setUint32(7 + 4 * axis, side, true);
  }
  view.setUint8(19, 32);
  view.setUint32(20, 9, true);
  return bytes;
}

/** The same for compresso: version 1, 8 bytes a label. */
function compressoOf(...size: readonly [number, number, number]): Uint8Array {
  const bytes = new Uint8Array(84);
  bytes.set([0x63, 0x70, 0x73, 0x6f, 1, 8]);
  for (const [axis, side] of size.entries()) {
    new DataView(bytes.buffer).setUint16(6 + 2 * axis, side, true);
  }
  bytes.set([4, 4, 1], 12);
  bytes[35] = 4;
  return bytes;
}

describe("files that claim more than they hold", () => {
  const most = 2 ** 32 - 1;
  it.each([
    ["crackle", "too_large", crackleOf(most, most, most)],
    ["crackle", "too_large", crackleOf(2048, 2048, 2048)],
    ["crackle", "invalid_chunk", crackleOf(512, 512, 512)],
    ["crackle", "invalid_chunk", crackleOf(0, 5, 5)],
    ["compresso", "too_large", compressoOf(65_535, 65_535, 65_535)],
    ["compresso", "invalid_chunk", compressoOf(512, 512, 512)],
    ["compresso", "invalid_chunk", compressoOf(5, 5, 0)],
  ])("%s: %s", async (encoding, tag, bytes) => {
    const read = async () => tools.decode(bytes, tools.describeFile(bytes, encoding));
    await expect(read()).rejects.toMatchObject({ tag, fields: { codec: encoding } });
  });

  it("the error of what no memory can hold says what that is", async () => {
    const size = [2048, 2048, 2048] as const;
    const decoding = tools.decode(new Uint8Array(1), { encoding: "raw", dtype: "uint64", size });
    await expect(decoding).rejects.toThrow(
      "a chunk of uint64 does not fit into one memory with its scratch: 2048x2048x2048",
    );
  });
});

it("chunks that fill half a memory are decoded", async () => {
  const size = [512, 512, 256] as const;
  const form = { encoding: "raw", dtype: "uint64", size } as const;
  expect((await tools.decode(new Uint8Array(0), form)).length).toBe(512 * 512 * 256);
});

describe("a kernel that traps", () => {
  const trap = (): never => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const codec: ChunkCodec = { decode: trap, encode: trap };
  const form = { encoding: "raw", dtype: "uint8", size: [1, 1, 1] } as const;
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  let released = 0;
  const trapping = createChunkTools({
    codecs: createRegistry("encoding", [rawCodec]),
    loadCodec: async () => codec,
    borrowWorkspace: () => ({
      workspace: createWorkspace(memory, new Map(), 65_536, 131_072),
      release: () => void released++,
    }),
  });

  it("in a decoder has met damage", async () => {
    await expect(trapping.decode(Uint8Array.of(1), form)).rejects.toMatchObject({
      tag: "invalid_chunk",
      message: expect.stringContaining("the decoder failed: unreachable"),
      fields: { codec: "raw" },
    });
    expect(released).toBe(1);
  });

  it("in an encoder is a fault of ours", async () => {
    await expect(trapping.encode(Uint8Array.of(1), form)).rejects.toMatchObject({ tag: "internal" });
    expect(released).toBe(2);
  });
});
