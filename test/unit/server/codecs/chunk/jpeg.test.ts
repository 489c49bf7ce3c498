/** jpeg: the contract of codecs, and chunks that reference tools wrote. */
import { expect, it } from "vitest";
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

codecSuite({ descriptor: jpegCodec, tolerance: 2 });
goldenCodecSuite(jpegCodec);

it("decodes sound chunks after any number of damaged ones", async () => {
  const codec = await jpegCodec.load();
  const workspace = createFakeWorkspace(1 << 16, 1 << 20);
  const chunk = { size: [16, 16, 4], channels: 1, dtype: "uint8", parameters: {} } as const;
  const voxels = Uint8Array.from({ length: 1024 }, (_, i) => i % 251);
  const encoded = codec.encode?.(voxels, chunk, workspace) ?? voxels;
  const endOfImage = encoded.subarray(-2);
  const damaged = Buffer.concat([encoded.subarray(0, encoded.length - 200), endOfImage]);
  const decode = (bytes: Uint8Array): Uint8Array => {
    const target = { workspace, pointer: workspace.resultPointer, rowBytes: 16, planeBytes: 256, channelBytes: 0 };
    workspace.arena.reset();
    codec.decode(bytes, chunk, { ...target, from: [0, 0, 0], to: chunk.size });
    return new Uint8Array(workspace.view(workspace.resultPointer, 1024));
  };
  const expected = decode(encoded);
  for (let i = 0; i < 250; i++) {
    expect(() => decode(damaged)).toThrow(expect.objectContaining({ tag: "invalid_chunk" }));
    if (i % 50 === 49) {
      expect(decode(encoded)).toEqual(expected);
    }
  }
});
