/** kempressed: the contract of codecs, chunks that CloudVolume wrote, what rounding leaves, and damage. */
import { describe, expect, it } from "vitest";
import type { Vec3 } from "../../../../../server/src/base/vec3.ts";
import { fpzipCodec } from "../../../../../server/src/codecs/chunk/fpzip.ts";
import { kempressedCodec } from "../../../../../server/src/codecs/chunk/kempressed.ts";
import { codecSuite } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { decode, encode, fractions, noise, sha256 } from "../../../../fakes/floatChunks.ts";

const size: Vec3 = [7, 5, 3];
const codec = await kempressedCodec.load();

/** Eighths are not rounded when 2 is added. */
const eighths = {
  title: "float32, two channels",
  chunk: { size, channels: 2, dtype: "float32", parameters: {} } as const,
  voxels: fractions("float32", 2, 8),
  encoded: fromBase64(
    "ZnB5KYcO8P8ABvkAAAT7AAAB/gAAAv0A8zvT2H8IJgDRE00F9lAtyCSCv+bJJWHdA5mqFvduAaGFx+xQ+YZBUNMZFsLehnztycXxybeB" +
      "ZyxcgQc9hNFZVAN07oTL6Fh/TyHvMbI1gvTCiUkH348azvonCazPGRHRtgAMDOszBvnjFZncZY6tzZAuhpcP/JdEHD9pMpS4ergT2BFY" +
      "/xzwDhpKYKm9dbXLl/7sgEDgoqXV+LQhFk2uk8yQZR5jVl0o79fb/OGt+z7tE2729ykY/ci1RbbDbNaHa9vcisEAQelLHgxl35Wh9hDP" +
      "3yCdvns2yZwqW3ZvZkhJFife7AfVKsAq2/sd577dlhW+4fOUMlwFM4jVPd5CycAfoWbkmAb7Ukba/XpFDfmLvGjJhuDZHa3OegvsHzHj" +
      "6MP23jjzR8JZH/2di3lpmY8QqxJALXvVIm2k18y7Gmj6F7ZRQ1ZtrWGyOBiQu7dmcmN53g9cesBOLlwWGkPjy1yOqhlFBBn0ozVpLRUw" +
      "BBpiiTKwyAmALiSd8HFzdjxzhpOBZikizInLcMbq/4qWB2K/PmmEkVvvOhshUWR3gb2N+7TACHd01h2Ke/LzwTvIoLpBXph1/r70+6Ky" +
      "3DVW0wjA9/tdMvQPpWqgLpLPY21LDo98dAu6cGY+KmlvyiLOtd6ujGqOdtbhB9jwPZrWFE+AAAA=",
  ),
};

const sevenths = {
  title: "float32, rounded",
  chunk: { size, channels: 1, dtype: "float32", parameters: {} } as const,
  voxels: fractions("float32", 1, 7),
  encoded: fromBase64(
    "ZnB5KYcO8P8ABvkAAAT7AAAA/wAAAv0A9phnO1mOvhHq6BmaOf4Ax0HxdmhU/jzZrbeInw68nRYpn2LIP97/h4DdlH+1s7Fg6rZjNMAc" +
      "loEME8szWzszamQTUQSJay9wPB1dtoEym06Q7Iobm/LJPe7NzS6MSCTRr2Re9tAkBprE5QMhzA6wQ7+1LaGQAcrZCyXMAUBa9xraczzs" +
      "hlsrAqyTYkEv/X5pEac3vKdUZNupCq7BjA7rtg0oWAIrIi5nARGAvWAymt4cQeoY/VEDT2L0OKWUFE2cCV2np+PVpojU/I2yVhyB3m6e" +
      "O5HIL25xyodHWDBCC0iB8L1HRoE5OXrUkTzlXzBETcgxsfJKWnXnhI5Jmaup9ODylDrztKeR9QoUAZjNSD0d/lDE3JwciAA=",
  ),
};

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

codecSuite({ descriptor: kempressedCodec, known: [eighths], tolerance: 0 });
goldenCodecSuite(kempressedCodec);

describe("encode", () => {
  it.each([eighths, sevenths])("writes the bytes that CloudVolume does: $title", ({ chunk, voxels, encoded }) => {
    expect(encode(codec, voxels, chunk)).toEqual(encoded);
  });

  it.each([
    [
      "float32",
      "e35b304d48f5a2d4f15aafa65d2a91df42b672f02d133a718a07636397378901",
      "66e7b08f7659d58f628076ac02958cb1fc4c92b97c3cd4275479c70bdd987662",
    ],
    [
      "float64",
      "fda8ce4f104aa5b287562d7eb7f750e085ed600ef0b37570f833c6048bc1f8ce",
      "8f8db813a7e923e118c01344741209938f5c5bdb8439a6e2f77a08a57c1ad714",
    ],
  ] as const)("writes what CloudVolume does for a larger chunk: %s", (dtype, encodedDigest, decodedDigest) => {
    const chunk = { size: [50, 30, 9], channels: 2, dtype, parameters: {} } as const;
    const encoded = encode(codec, noise(dtype, chunk.size, 2), chunk);
    expect(sha256(encoded)).toBe(encodedDigest);
    expect(sha256(decode(codec, encoded, chunk))).toBe(decodedDigest);
  });

  it("keeps all bits, whatever the precision, as CloudVolume does", () => {
    const { chunk, voxels, encoded } = eighths;
    expect(encode(codec, voxels, { ...chunk, parameters: { fpzip_precision: 16 } })).toEqual(encoded);
  });
});

describe("decode", () => {
  it("gives the difference in the value's own type, as CloudVolume does", () => {
    const { chunk, encoded } = sevenths;
    const bits = new Uint32Array(decode(codec, encoded, chunk).buffer);
    expect(Array.from(bits.subarray(0, 5))).toEqual([0xbfa49249, 0xbe924924, 0x3f36db70, 0x3fdb6db8, 0x402db6dc]);
  });

  it("reads streams of less precision", async () => {
    const fpzip = await fpzipCodec.load();
    // Of one channel, z and channels swapped are 3 fields of one plane each.
    const halves = new Float32Array(fractions("float32", 1, 2).buffer);
    const sums = new Uint8Array(halves.map((value) => value + 2).buffer);
    const stored = { size: [7, 5, 1], channels: 3, dtype: "float32", parameters: { fpzip_precision: 20 } } as const;
    const decoded = decode(codec, encode(fpzip, sums, stored), sevenths.chunk);
    expect(new Float32Array(decoded.buffer)).toEqual(halves);
  });

  it.each([
    ["half", eighths.encoded.subarray(0, 262), /^fpzip stream is damaged: it is cut off$/],
    ["a byte more", Uint8Array.of(...eighths.encoded, 0), /bytes follow its end/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decode(codec, bytes, eighths.chunk)).toThrow(
      expect.objectContaining({ tag: "invalid_chunk", message: expect.stringMatching(message) }),
    );
  });

  it("refuses a stream whose axes are not swapped", async () => {
    const fpzip = await fpzipCodec.load();
    const encoded = encode(fpzip, eighths.voxels, eighths.chunk);
    expect(() => decode(codec, encoded, eighths.chunk)).toThrow(
      /^fpzip stream has float32 values of 7 x 5 x 3 x 2, expected float32 of 7 x 5 x 2 x 3$/,
    );
  });
});
