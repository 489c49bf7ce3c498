/** jxl: the contract of codecs, chunks that CloudVolume wrote, what is refused before it is decoded, the encoder's settings, and the golden volumes. */
import { beforeAll, describe, expect, it } from "vitest";
import { product, type Vec3 } from "../../../../../server/src/base/vec3.ts";
import { jxlCodec } from "../../../../../server/src/codecs/chunk/jxl.ts";
import type { ChunkCodec } from "../../../../../server/src/codecs/codec.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

/** The voxels of all chunks below: 0, 37, 74 … modulo 251, in Fortran order. */
function steps(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 37) % 251);
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function known(title: string, size: Vec3, channels: number, base64: string): KnownChunk {
  const chunk = { size, channels, dtype: "uint8", parameters: {} } as const;
  return { title, chunk, encoded: bytesOf(base64), voxels: steps(product(size) * channels) };
}

const losslessGray = "/wooAAaAoLgRCAQBAJwASxiLFVJc122s9QyDaDSkhhMURUlwebcvaFZKvWNV/zK0u3LaqggB";
const rgb =
  "/woYMBAJCAQBAEABSxiTjoODmSKJZGu4m0oFuxBEnhgAB+DXBBuaXSAogIqt4G4u7kZiYget563R2K71arvWR8TEDlrVGo2VUWVUTOxg99/YXV7DQBQ7LtUtuQA=";

codecSuite({
  descriptor: jxlCodec,
  parameters: { jxl_quality: 100 },
  known: [
    known("CloudVolume's gray", [4, 3, 2], 1, losslessGray),
    known("three channels, 1 wide", [1, 2, 2], 3, "/woQMBAUNwIIBAEAaABLGIsVUlwXnGOmpiwZhYePEEITLP92xXWnAA=="),
    known(
      "three channels, 2 wide",
      [2, 2, 2],
      3,
      "/woQMLAobgQIEBAAxABLGIsVwglsY859eIEDAAxApEiR0jC5UhomV4qUho3Oi06sPpRubJE/OyAlAAYArgEA",
    ),
    known(
      "three channels, 3 wide",
      [3, 2, 2],
      3,
      "/woQMBAJCAQBAAABSxiLFVJcd3fR8nCnKUlaiiTxkuICwQAA8YA+9LUbezRRLFI77vUS+5fQAruoYQ7Or6wYk4kw/hGQkshYjynOAA==",
    ),
    known(
      "three channels, 4 wide",
      [4, 2, 1],
      3,
      "/woQAAKAlQgQEADMAEsYixVSXNrayRW7QRkMSLpSet2gXEAMAFNKn+i+hrMgpGF7T9tUWpWgDD11pphRAB8dAg==",
    ),
    known(
      "three channels, a frame each",
      [5, 2, 1],
      3,
      "/woIAAgImgBAUNwSCAQBAFgASxiLFVJcFTyGfs83pV8ZIYTQaHHgHAgEAQBkAEsYixVSXBecYymJsGTR8PLZIoRedbRN3wYIBAUAZABLGIsVUlzXUxaaEiRjk3yf3Vcuigr0ZCcB",
    ),
  ],
});
goldenCodecSuite(jxlCodec);

describe("jxl", () => {
  const workspace = createFakeWorkspace(4096, 1 << 20);
  let codec: ChunkCodec;
  beforeAll(async () => {
    codec = await jxlCodec.load();
  });
  const decode = (encoded: Uint8Array, size: Vec3, channels = 1): Uint8Array => {
    const [rowBytes, planeBytes, channelBytes] = [size[0], size[0] * size[1], product(size)];
    const strides = { rowBytes, planeBytes, channelBytes };
    const chunk = { size, channels, dtype: "uint8", parameters: {} } as const;
    workspace.arena.reset();
    codec.decode(encoded, chunk, {
      workspace,
      pointer: workspace.resultPointer,
      ...strides,
      from: [0, 0, 0],
      to: size,
    });
    return workspace.view(workspace.resultPointer, channelBytes * channels).slice();
  };
  const encode = (parameters: Record<string, unknown>, channels = 1): Uint8Array => {
    const chunk = { size: [4, 3, 2], channels, dtype: "uint8", parameters } as const;
    return codec.encode?.(steps(24 * channels), chunk, workspace) ?? new Uint8Array(0);
  };
  const refusal = (encoded: Uint8Array, size: Vec3, channels = 1): unknown => {
    try {
      return decode(encoded, size, channels);
    } catch (error) {
      return error;
    }
  };

  it("reads an RGB image of three channels", () => {
    const pixels = steps(60);
    const planar = Uint8Array.from(pixels, (_, i) => pixels[(i % 20) * 3 + Math.floor(i / 20)] ?? 0);
    expect(decode(bytesOf(rgb), [5, 2, 2], 3)).toEqual(planar);
  });

  it("writes the bytes that CloudVolume writes", () => {
    expect(Buffer.from(encode({ jxl_quality: 100 })).toString("base64")).toBe(losslessGray);
    expect(Buffer.from(encode({})).toString("base64")).toBe(
      "/wooAAaApLgRABOIAgBEASNuEQCACpVRxg1ezvV8+aHDYtrGdYa22rawhLHZXhgkJBwxxuUHN8fGUGKoJJGISOVuqREi7MuPbrtu726UWnTjy1wcz8mMIbQB9aMgtEGCNQ==",
    );
    const settings = { jxl_quality: 60, jxl_effort: 3, jxl_decodingspeed: 4 };
    expect(Buffer.from(encode(settings)).toString("base64")).toBe(
      "/wooAAaApLgRABQIADQBa1cKAIAKlVHGDV7O9Xz5ocNi2sZ1hrbatrAkUWIcm+gEDkkidQLUmSGDqiSRClrn1ddsHsA+m8OanizNdHhxjeT7jCOIyWyJMMLCkgA=",
    );
  });

  it("is lossless above quality 100 too", () => {
    expect(encode({ jxl_quality: 101 })).toEqual(encode({ jxl_quality: 100 }));
  });

  it.each([
    ["jxl_quality", -1, "jxl_quality must be a number from 0 on (100 = lossless): -1"],
    ["jxl_quality", "best", 'jxl_quality must be a number from 0 on (100 = lossless): "best"'],
    ["jxl_effort", 0, "jxl_effort must be an integer from 1 to 9: 0"],
    ["jxl_effort", 10, "jxl_effort must be an integer from 1 to 9: 10"],
    ["jxl_decodingspeed", 5, "jxl_decodingspeed must be an integer from 0 to 4: 5"],
    ["jxl_decodingspeed", 1.5, "jxl_decodingspeed must be an integer from 0 to 4: 1.5"],
  ])("refuses %s of %s", (name, value, message) => {
    expect(() => encode({ [name]: value })).toThrow(message);
  });

  it("refuses to write two channels", () => {
    expect(() => encode({}, 2)).toThrow("jxl cannot hold 2 channels (1 or 3)");
  });

  it.each([
    [
      "an RGB image in a gray layer",
      rgb,
      "JPEG XL image has 5 x 4 pixels of 3 channels, 8 bits, expected 5 x 4 pixels of 1 channels, 8 bits",
    ],
    [
      "an image with alpha",
      "/woYMLASCBAQAJgBSxiTjoODKVBY0QWIMVghBiE6xojGGKOjC7mAUABdTS4d6LzhKpwcVnueXJ4NncJ5caNWFZLQdTaUWzlrDVUz3ajmC+jq+t1Xt5oaOrU+SK5iTQBz2laoqkt3VtrxNo2FmkBEO7kH",
      "5 x 4 pixels of 4 channels, 8 bits",
    ],
    [
      "samples of 16 bits, in a container",
      "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAAA5anhsY/8KGDD8AEWLCAQBAIwASxiLFVJcV2/odzuerfCQlIxAEAQtdRxQviZpTscP2kY6RwM=",
      "5 x 4 pixels of 1 channels, 16 bits",
    ],
  ])("refuses %s", (_, base64, message) => {
    const error = refusal(bytesOf(base64), [5, 2, 2]);
    expect(error).toMatchObject({ tag: "invalid_chunk", message: expect.stringContaining(message) });
  });

  it("refuses an image of 2^30 x 2^30 pixels by its header", () => {
    // Not in eighths; 30 bits of height, all ones; as wide as high; all else default.
    const header = Uint8Array.of(0xff, 0x0a, 0xfe, 0xff, 0xff, 0xff, 0x13);
    expect(refusal(header, [4, 3, 2])).toMatchObject({
      tag: "invalid_chunk",
      message: expect.stringMatching(/^JPEG XL image has 1073741824 x 1073741824 pixels/),
    });
  });

  it("refuses bytes of another format, and a container without an image", () => {
    const message = "not a JPEG XL image: its first bytes are another format's";
    expect(refusal(bytesOf("iVBORw0KGgoAAAANSUhEUg=="), [4, 3, 2])).toMatchObject({ tag: "invalid_chunk", message });
    const empty = bytesOf("AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCA=");
    expect(refusal(empty, [4, 3, 2])).toMatchObject({ tag: "invalid_chunk", message });
  });

  it("decodes on after chunks that the decoder fails on", () => {
    const sound = bytesOf(losslessGray);
    for (let at = 14; at < sound.byteLength; at++) {
      expect(refusal(sound.subarray(0, at), [4, 3, 2])).toMatchObject({ tag: "invalid_chunk" });
    }
    expect(decode(sound, [4, 3, 2])).toEqual(steps(24));
  });
});
