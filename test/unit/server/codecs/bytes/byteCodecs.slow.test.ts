/** Our encoders of bzip2 and xz over more than one block or chunk, of contents that sort and search differently. */
import { describe, expect, it } from "vitest";
import { bzip2Codec } from "../../../../../server/src/codecs/bytes/bzip2.ts";
import { xzCodec } from "../../../../../server/src/codecs/bytes/xz.ts";
import { createRandom } from "../../../../fakes/random.ts";

const noise = createRandom(11).bytes(1 << 20);
const labels = new Uint8Array(
  BigUint64Array.from({ length: 200_000 }, (_, i) => BigInt(Math.floor(i / 37) % 91)).buffer,
);

const inputs: readonly (readonly [string, Uint8Array])[] = [
  ["noise of 1 MiB", noise],
  ["labels", labels],
  ["two bytes in turn", Buffer.from("ab".repeat(1 << 20))],
  [
    "noise between zeros",
    Buffer.concat([noise.subarray(0, 150_000), Buffer.alloc(3 << 20), noise.subarray(0, 150_000), labels]),
  ],
  ["few values", noise.map((byte) => byte & 7)],
];

describe.each([bzip2Codec, xzCodec])("$name (seed 11)", ({ load }) => {
  it.each(inputs)("reads back %s at every level", async (_, input) => {
    const codec = await load();
    for (const level of [1, 3, 6, 9]) {
      const encoded = (await codec.compress?.(input, { level })) ?? new Uint8Array(0);
      expect(encoded.byteLength).toBeLessThan(1.02 * input.byteLength);
      expect(Buffer.compare(codec.decompress(encoded, input.byteLength), input), `level ${level}`).toBe(0);
    }
  });
});
