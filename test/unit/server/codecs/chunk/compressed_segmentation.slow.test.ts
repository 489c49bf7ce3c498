/** compressed_segmentation at the limits of its format; needs hundreds of megabytes. */
import { expect, it } from "vitest";
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

it("refuses a chunk whose tables would lie beyond 2^24 words", async () => {
  const codec = await compressedSegmentationCodec.load();
  const workspace = createFakeWorkspace(1 << 16, 256 << 20);
  const labels = new Uint32Array(256 ** 3).map((_, i) => i);
  const chunk = { size: [256, 256, 256], channels: 1, dtype: "uint32", parameters: {} } as const;
  const encode = (): unknown => codec.encode?.(new Uint8Array(labels.buffer), chunk, workspace);
  const fields = { hint: "use smaller chunks" };
  expect(encode).toThrow(expect.objectContaining({ tag: "invalid_argument", fields }));
});
