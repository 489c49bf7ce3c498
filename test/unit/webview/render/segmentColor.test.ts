import { describe, expect, it } from "vitest";
import { segmentColor, toHex } from "../../../../webview/src/render/segmentColor.ts";

describe("segmentColor", () => {
  // Values of Neuroglancer's own colour hash at seed 0.
  it.each([
    [1n, "#5e80ff"],
    [2n, "#ff3578"],
    [5n, "#f66fff"],
    [4294967308n, "#5a57ff"],
    [864691128455135125n, "#ff21b8"],
    [2n ** 64n - 1n, "#d3ff03"],
  ])("of %s is Neuroglancer's %s", (id, hex) => {
    expect(toHex(segmentColor(id))).toBe(hex);
  });

  it("depends on the seed", () => {
    expect(segmentColor(1n, 0x9e3779b9)).not.toEqual(segmentColor(1n));
  });
});
