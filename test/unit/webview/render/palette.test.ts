import { describe, expect, it } from "vitest";
import {
  alphaDimmed,
  alphaFull,
  alphaOutlined,
  createPalette,
  opacityOfAlpha,
} from "../../../../webview/src/render/palette.ts";

const table = BigUint64Array.of(0n, 1n, 864691128455135125n);

describe("createPalette", () => {
  it("gives each label its colour and leaves label 0 transparent", () => {
    const palette = createPalette(table, new Set());
    expect([...palette]).toEqual([0, 0, 0, 0, 0x5e, 0x80, 0xff, alphaFull, 0xff, 0x21, 0xb8, alphaFull]);
  });

  it("outlines the selected labels and dims the others", () => {
    const palette = createPalette(table, new Set([864691128455135125n]));
    expect([palette[3], palette[7], palette[11]]).toEqual([0, alphaDimmed, alphaOutlined]);
  });

  it("reads a table that does not begin its buffer", () => {
    const offset = new BigUint64Array(BigUint64Array.of(7n, 1n).buffer, 8, 1);
    expect([...createPalette(offset, new Set())]).toEqual([0x5e, 0x80, 0xff, alphaFull]);
  });

  it("counts an outlined label as fully opaque", () => {
    expect([opacityOfAlpha(alphaFull), opacityOfAlpha(alphaOutlined), opacityOfAlpha(0)]).toEqual([1, 1, 0]);
  });
});
