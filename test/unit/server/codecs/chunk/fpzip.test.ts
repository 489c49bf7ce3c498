/** fpzip: the contract of codecs, chunks that the reference wrote, precisions, NaNs, and damage. */
import { describe, expect, it } from "vitest";
import type { Vec3 } from "../../../../../server/src/base/vec3.ts";
import { fpzipCodec } from "../../../../../server/src/codecs/chunk/fpzip.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { decode, encode, type FloatType, fractions, noise, sha256 } from "../../../../fakes/floatChunks.ts";

const size: Vec3 = [7, 5, 3];
const codec = await fpzipCodec.load();

interface KnownFpzip extends KnownChunk {
  /** What was encoded, of which `voxels` keeps the highest bits. */
  readonly original: Uint8Array;
}

/** `encoded` is the stream as CloudVolume 12 wrote it, in base64. */
function known(
  title: string,
  dtype: FloatType,
  original: Uint8Array,
  encoded: string,
  { channels = 1, precision = 0 }: { readonly channels?: number; readonly precision?: number } = {},
): KnownFpzip {
  const chunk = { size, channels, dtype, parameters: { fpzip_precision: precision } };
  return {
    title,
    chunk,
    encoded: new Uint8Array(Buffer.from(encoded, "base64")),
    original,
    voxels: withHighestBits(original, dtype, precision),
  };
}

function withHighestBits(voxels: Uint8Array, dtype: FloatType, precision: number): Uint8Array {
  const bytes = dtype === "float64" ? 8 : 4;
  const dropped = precision === 0 ? 0 : bytes * 8 - precision;
  const result = voxels.slice();
  for (let i = 0; i < dropped; i++) {
    for (let at = i >> 3; at < result.byteLength; at += bytes) {
      result[at] = (result[at] ?? 0) & ~(1 << (i & 7));
    }
  }
  return result;
}

/** NaNs quiet and signalling, infinities, zeros of both signs, and values whose sums overflow. */
function oddFloats(): Uint8Array {
  const odd = [
    0x7fc00000, 0xffc12345, 0x7f800001, 0x7f800000, 0xff800000, 0x80000000, 0, 1, 0x3f800000, 0x7f7fffff, 0xff7fffff,
    0x7f800000,
  ];
  return new Uint8Array(Uint32Array.from({ length: 105 }, (_, i) => odd[(i * 5) % 12] ?? 0).buffer);
}

const plain = known(
  "float32",
  "float32",
  fractions("float32", 1, 7),
  "ZnB5KYcO8P8ABvkAAAT7AAAC/QAAAP8AChhuY9JOCJ3uAp/tNPN3zVlVf73RFpr39HzbmV14dXo6Az/SFy7KRgo+iLalnMRMs+b/m9ek" +
    "1wn239FhtTkatHBawa02VxT32y6XnBKKgEsLSdEGI+FBU9vDw/Z3UnkkwqFcq8ln8MNUsOm9R4Ga2SQzuLlrl41MTMX5u1OvagD0xLEa" +
    "c+dLpWOiGwg2AKTF1HCnv0eA30kX/5Gc/2yj4y0ZBzQu1rfZw2ifnrIHABp8QQr6yLw5/X5k+XGIJZ5Zv7HYZAEbQUHPU9bW",
);

const of16Bits = known(
  "float32 of 16 bits",
  "float32",
  fractions("float32", 1, 7),
  "ZnB5KYcO8Q7wBvkAAAT7AAAC/QAAAP8AFxjRrYidZQDxzH3TzSsdjHtwolnZQmIJ04SzoTF0Ujct3WUzXBLrE/E+Byg4z24jpsv4p6sf" +
    "O8S2r8I2zLSOENpny63JP0RoNQW8wGHgQED2JBIA75e5J8XfwxPZv6bXh+FgLLWosKImbzUoYfc6ZKtsKN3wYa99z/4A",
  { precision: 16 },
);

const written: readonly KnownFpzip[] = [
  plain,
  of16Bits,
  known(
    "float64, two channels",
    "float64",
    fractions("float64", 2, 7),
    "ZnB5KYcO8X6ABvkAAAT7AAAC/QAAAf4ABIbkim5HuI1QYqb/Bt/bXuVA5sSRdkqB5S1MsFHfyXA07rcAko5IiZqphitG8PlARIww1JCw" +
      "S8nsYYSbgJ72UYTQ952akAAAAAOZk6VmYguHccPDATm5m09FCcTXNQ/Ay+9FLyaL6762AAAAAGG6308HRNl/bq2GXAI94ejbMW3Uuv/b" +
      "LEkbJLfEDRMQAAAAIeEAzC80R2bxwiBj7V0bNZixTWnC3ye4I3mWpAX4t5ptu7bp/PQ4WQrv/yFv/9bOe8ExdPHMisw8jrazJN1H/o/6" +
      "JJCSS/8WjKchQYv7IJKQSQTN26Me7Rkj+vfL/gZQ3kdyYsxtI1v6ae4HVbqHxfFfAAAAmU8QG46Bt5Lb5/PPjaoXJQuRBrcg1GMDAAAA" +
      "DtywxdgiIX+QwsDAqpmyjNxL1PMl6jklpgAAAAAAPt+ssIkQJ41DSHIAAAAApE5KN9vSbfn6GhFImhpq28FtkXos4dtWbhP5lwBwmH4r" +
      "JCyKqzgFY33djU5dHG1guDGRVP7s/kPNInPoKLi3hNxCfKe7rvpNFORiU5SOAAAEi9yXFUAAAABILBP1POKUNEppGNK6dPt+E////3UB" +
      "JJgAAAAAJa+U5+wozbnZdHD/YfjTsyJcBRsz/MQAsM4j9bd63Uub3h+Ch5KrSWVrDE7UJ74AAAK2rRXrerUkppKF/BGUHLr7zwxmbxJ3" +
      "o4t0TI0sEb5cAAACdzVC6GDax24J1kk1x0L/BW3/WWM1t/7YA2zZcgPiVIOYob4IRZf/ZjoEu2ttt/1wNcw9J3XpFgAAAAAOoHAIh/5a" +
      "Rm7DPXAAAABKB9A3tvzbg/4D8+b3VwAAABrlJo7JrSTWkiqqJfHf8f///k+SEn0FmfIoJs5vpTIHhl7fL2zOlw0FRgAAAAAA+qi7tiTc" +
      "nZ51quTeaV3KTOUi5NGWQyOelhe72s8BMCG9xcAAAAAHnxh8d3EOm4dPTVqvIvkhwJOu2tMIFXFUAAAAAAEHnmv/JJL/xLo8AAAAAAuI" +
      "MX78mLpNb50gi4AA",
    { channels: 2 },
  ),
  known(
    "float64 of 20 bits",
    "float64",
    fractions("float64", 1, 7),
    "ZnB5KYcO8ZJsBvkAAAT7AAAC/QAAAP8AEqUbk+/w1b3v06l6d13n3SISYM9W8Kz6fjIOMfD0ZbFZcCxjQTZKmm6Mgy7QTLFavYufdkAx" +
      "NCWcZYXDR5Hj+0AHUtiwMj21wV8G0aIpwfWNOA9UQEEh18Y3XUILWxs6cpY+09yDw0kzowFEimgTDWP2DmP61e3qQF15990m2eJLBP7j" +
      "bJIkQK81Wg==",
    { precision: 20 },
  ),
  known(
    "float32 of 5 bits",
    "float32",
    fractions("float32", 1, 7),
    "ZnB5KYcO8QP7BvkAAAT7AAAC/QAAAP8AXywI4njUcyFVmvW/U9iXUnyICuw8SsJqbg4oeFqCBW6HPcCBeITdcS4R0fIT7tIsTgusAA==",
    { precision: 5 },
  ),
  known(
    "float64 of 8 bits",
    "float64",
    fractions("float64", 1, 7),
    "ZnB5KYcO8YZ4BvkAAAT7AAAC/QAAAP8AX9+vkCf57vbPQEAPj6xrPXV6noRAD2Ph5yxs/hzuuOvLVOw6Tv9O15Q7saF//7AvmA/7/QJ8" +
      "AL/f6/1cQeLRaDwlcQeLPiDYkoMFGDVI+PkdvFriCheIz689wkEXrg==",
    { precision: 8 },
  ),
  known(
    "NaNs and infinities",
    "float32",
    oddFloats(),
    "ZnB5KYcO8P8ABvkAAAT7AAAC/QAAAP8A9yfj6BQ91StWQ82KxXT4I3qKAdEWAAAD8iu4/Gf6JiMAtWQAAAGzKq1LRqaez5z0yzclLcIO" +
      "jmIiuaIAAZLW4jG1bg1FWgABRfAe5NNOr1vXRgQAADzmbhO9kOEA6WJG+kkS+BF0VY83AAEA+9bqv6IZoZP/+kqKJyVseGiGDreFAAAD" +
      "d2epGm5DkFw2uZpxeBcW6QABaSpb//9oga1FI3rWsJK1UPTU4AADgV5wX5epafAKvpkeGvNbcu9+do0oAAD2EpmEWE8kyBaTTggv6k0z" +
      "g8hBlHaAAAFfF5ATLswQqAQye/xbECBT0oGynscAANOY3XChcBiHS6CHlYXtgcvfkc9jEWAAASwxuzNQHqoM00Kv2ijJzUcdBAgAAq6c" +
      "fEPcK5D5Y2OO3WnlHz9CoGd9j2AAAa/l8TqALdeABQ6PNmda/LcsROlqdgABN44KPa6ypCA+SiSivrbSrHi8t5US/AAF94WIcll+oVhq" +
      "NpnNNG79kUNTR6l9ABaWnd0O3q0P0noPViLFl4p9d/4yuY8AAG/d2oAA",
  ),
];

codecSuite({ descriptor: fpzipCodec, known: written });
goldenCodecSuite(fpzipCodec);

describe("encode", () => {
  it.each(written)("writes the same bytes: $title", ({ chunk, original, encoded }) => {
    expect(encode(codec, original, chunk)).toEqual(encoded);
  });

  it.each([
    ["float32", 0, "1627ef41e2b0ae98eec349f90abb18c52021e919eb4275415cb497c28157d521"],
    ["float32", 7, "a0e4871d4e0f77e9658806e94dd4711da32caf350888c624fc7608a08cc3fbdd"],
    ["float32", 23, "e245e6338014263fc1785fbab0bdaf7a19359fd61ba5ce01a38ad2e3313fb0f6"],
    ["float64", 0, "accddb16d613533557d8d0cc23386642506cde83661e3babeb612594bc553520"],
    ["float64", 14, "8975943925b10844c905b54c6b1455a0894af9b0489fb1a31d085d0ba8e4e85e"],
    ["float64", 46, "69981f14ee1ae1bd2c29a42ce9e9bc4288b4599c585dc52d5cf77142e43edb0d"],
  ] as const)("writes what CloudVolume does for a larger chunk: %s, precision %i", (dtype, precision, digest) => {
    const chunk = { size: [50, 30, 9], channels: 2, dtype, parameters: { fpzip_precision: precision } } as const;
    const voxels = noise(dtype, chunk.size, 2);
    const encoded = encode(codec, voxels, chunk);
    expect(sha256(encoded)).toBe(digest);
    const decoded = decode(codec, encoded, chunk);
    expect(Buffer.compare(decoded, withHighestBits(voxels, dtype, precision))).toBe(0);
  });

  it.each([undefined, null, 0, 32])("keeps all bits for the precision %j", (precision) => {
    const chunk: ChunkDescription = { ...plain.chunk, parameters: { fpzip_precision: precision } };
    const encoded = encode(codec, plain.original, chunk);
    expect(decode(codec, encoded, chunk)).toEqual(plain.original);
  });

  it.each([
    ["float32", 1],
    ["float32", 33],
    ["float32", -1],
    ["float32", 16.5],
    ["float32", "16"],
    ["float32", true],
    ["float64", 2],
    ["float64", 31],
    ["float64", 66],
  ] as const)("refuses for %s the precision %j", (dtype, precision) => {
    const chunk = { size, channels: 1, dtype, parameters: { fpzip_precision: precision } };
    const message = new RegExp(`^fpzip_precision of ${dtype} must be 0 or an .*: "?${precision}"?$`);
    expect(() => encode(codec, fractions(dtype, 1, 7), chunk)).toThrow(
      expect.objectContaining({ tag: "invalid_metadata", message: expect.stringMatching(message) }),
    );
  });

  it("refuses a chunk without voxels", () => {
    const chunk = { size: [7, 0, 3], channels: 1, dtype: "float32", parameters: {} } as const;
    expect(() => encode(codec, new Uint8Array(0), chunk)).toThrow(expect.objectContaining({ tag: "invalid_argument" }));
  });

  it("has room for values that are larger encoded than they are", () => {
    const chunk = { size: [64, 64, 2], channels: 1, dtype: "float32", parameters: {} } as const;
    const scattered = (i: number): number => Math.imul(i, 2_654_435_761) ^ (Math.imul(i, i) << 7);
    const voxels = new Uint8Array(Uint32Array.from({ length: 8192 }, (_, i) => scattered(i)).buffer);
    const encoded = encode(codec, voxels, chunk);
    expect(encoded.byteLength).toBeGreaterThan(voxels.byteLength);
    expect(Buffer.compare(decode(codec, encoded, chunk), voxels)).toBe(0);
  });
});

describe("decode", () => {
  const { chunk, encoded, voxels } = plain;

  it("does not need the precision", () => {
    const parameters = { fpzip_precision: "none" };
    expect(decode(codec, of16Bits.encoded, { ...chunk, parameters })).toEqual(of16Bits.voxels);
  });

  it("stops after the last plane that is wanted", () => {
    const part = { from: [0, 0, 0], to: [7, 5, 1] } as const;
    expect(decode(codec, encoded.subarray(0, 150), chunk, part)).toEqual(voxels.subarray(0, 7 * 5 * 4));
  });

  it("refuses a part of a stream that ends before it", () => {
    const part = { from: [0, 0, 1], to: [7, 5, 2] } as const;
    expect(() => decode(codec, encoded.subarray(0, 100), chunk, part)).toThrow(/it is cut off$/);
  });

  it.each([
    ["nothing", new Uint8Array(0), /^fpzip stream is damaged: it is cut off$/],
    ["a byte less", encoded.subarray(0, -1), /it is cut off/],
    ["half", encoded.subarray(0, 114), /it is cut off/],
    ["the header alone", encoded.subarray(0, 24), /it is cut off/],
    ["a byte more", Uint8Array.of(...encoded, 0), /bytes follow its end/],
    ["much more", Uint8Array.of(...encoded, ...new Uint8Array(10_000)), /bytes follow its end/],
    ["another magic", changed(0, 0x65), /^not an fpzip stream/],
    ["bytes that no header has", new Uint8Array(300).fill(0xff), /^not an fpzip stream/],
    ["another version", changed(4, 0x86), /^fpzip stream is not supported: version \d+, mode \d+$/],
    ["a code that no value has", changed(24, 0), /^fpzip stream is damaged: a code that no value has$/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decode(codec, bytes, chunk)).toThrow(
      expect.objectContaining({ tag: "invalid_chunk", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ["another type", { dtype: "float64" }],
    ["another size", { size: [7, 5, 4] }],
    ["other channels", { channels: 2 }],
  ] as const)("refuses a stream of %s", (_, other) => {
    const message = /^fpzip stream has float32 values of 7 x 5 x 3 x 1, expected float(32|64) of 7 x 5 x [34] x [12]$/;
    expect(() => decode(codec, encoded, { ...chunk, ...other })).toThrow(
      expect.objectContaining({ tag: "invalid_chunk", message: expect.stringMatching(message) }),
    );
  });

  function changed(at: number, byte: number): Uint8Array {
    const copy = encoded.slice();
    copy[at] = byte;
    return copy;
  }
});
