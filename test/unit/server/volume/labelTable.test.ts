import { expect, it } from "vitest";
import { indexLabels } from "../../../../server/src/volume/labelTable.ts";

it("keeps 64-bit labels exact, in the order of their first pixel", () => {
  const { indices, labels } = indexLabels(new BigUint64Array([7n, 2n ** 64n - 1n, 7n, 0n, 2n ** 53n + 1n, 2n ** 53n]));
  expect([...indices]).toEqual([0, 1, 0, 2, 3, 4]);
  expect([...labels]).toEqual([7n, 18446744073709551615n, 0n, 9007199254740993n, 9007199254740992n]);
});

it("tells labels apart that share their low word", () => {
  const { labels } = indexLabels(new BigUint64Array([5n, (1n << 32n) + 5n, (2n << 32n) + 5n]));
  expect(labels.length).toBe(3);
});

it("takes narrower and signed labels", () => {
  expect([...indexLabels(new Uint8Array([3, 3, 9])).labels]).toEqual([3n, 9n]);
  expect([...indexLabels(new Int32Array([-1, 1])).labels]).toEqual([2n ** 64n - 1n, 1n]);
});

it("has room for a tile whose pixels all differ", () => {
  const { indices, labels } = indexLabels(
    BigUint64Array.from({ length: 65_536 }, (_, i) => BigInt(i) * 0x9e3779b97f4a7c15n),
  );
  expect(labels.length).toBe(65_536);
  expect(indices[65_535]).toBe(65_535);
});
