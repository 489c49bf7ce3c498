/** zfpc: the contract of codecs over streams of the reference (zfpc 0.1.2, zfp 1.0.1), its very bytes when encoding, and the golden volumes. */
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../../../../server/src/base/vec3.ts";
import { zfpcCodec } from "../../../../../server/src/codecs/chunk/zfpc.ts";
import type { ChunkCodec, ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError } from "../../../../../server/src/errors.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** The volume that was encoded: squares modulo 97, exact in every type. */
function voxelsOf({ dtype, size, channels }: ChunkDescription): Uint8Array {
  const count = product(size) * channels;
  const voxels = voxelView(dtype, new ArrayBuffer(count * 8), 0, count);
  for (let i = 0; i < count; i++) {
    const [x, y] = [i % size[0], Math.floor(i / size[0]) % size[1]];
    const plane = Math.floor(i / size[0] / size[1]);
    const [z, c] = [plane % size[2], Math.floor(plane / size[2])];
    const square = ((x * x * 7 + y * 13 + z * z * 5 + c * 31) % 97) - 40;
    const value = dtype.startsWith("float") ? square / 8 : square * 1000;
    voxels[i] = voxels instanceof BigInt64Array ? BigInt(value) : value;
  }
  return new Uint8Array(voxels.buffer, 0, voxels.byteLength).slice();
}

const fromBase64 = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const small = [5, 3, 2] as const;

function describeChunk(
  dtype: DataType,
  size: Vec3 = small,
  parameters: Parameters = {},
  channels = 1,
): ChunkDescription {
  return { dtype, size, channels, parameters };
}

function known(title: string, chunk: ChunkDescription, base64: string, voxels: Uint8Array): KnownChunk {
  return { title, chunk, encoded: fromBase64(base64), voxels };
}

/** Zeros of both signs, infinities, a NaN, subnormals, the largest magnitudes. */
const special = fromBase64("AAAAAAAAAIAAAIB/AACA/wAAwH/KAgAAygIAgJ7Jf38AAIA/AAAAQAAAQEAAAIBA");
const lossless32 = describeChunk("float32");
const lossless64 = describeChunk("int64");

const knownChunks: readonly KnownChunk[] = [
  known(
    "float32, reversible, block floating point",
    lossless32,
    "emZwYwArBQAAAAMAAAACAAAAAQAAAA8nAAAAAAAAAFAAAAAAAAAAemZwBQ4AASAABACICR4OAAAAEAYQAAAyIAAAxAABAAAIKAAAcEAAAKhAcwAAAIASAAAAhAAAAKACAAAAMUAAAIABAABADRAAAAIAAAAAAAA=",
    voxelsOf(lossless32),
  ),
  known(
    "int64, reversible, three axes",
    lossless64,
    "emZwYwAqBQAAAAMAAAACAAAAAQAAAAcnAAAAAAAAAGAAAAAAAAAAemZwBRkAIABAAACIPAAAAAAAwAEAxCAAjQBkCECIAvQIAAQCQCgAjwJUIEAIAmQgQI4AxAMAAAAAABwAQAUAUAhAhgAECECGAFAAAIUAcAhABAAUAEAGAHQIQAAAAAAA",
    voxelsOf(lossless64),
  ),
  known(
    "float64, tolerance, streams of two axes",
    describeChunk("float64"),
    "emZwYwAkBQAAAAMAAAACAAAAAQAAAAMvAAAAAAAAACgAAAAAAAAAKAAAAAAAAAB6ZnAFJwAAQAAAIMsFSGLVU0UXmQTBRAPIRCCKYCABJgAAAAAAAAAAemZwBScAAEAAACDLBUhi0RNFF50EwUQDyEYhikAgASYAAAAAAAAAAA==",
    new Uint8Array(
      Float64Array.from([
        -4.9921875, -4.1171875, -1.4921875, 2.8828125, -3.109375, -3.3515625, -2.4765625, 0.1484375, 4.5234375,
        -1.515625, -1.7734375, -0.8984375, 1.7265625, 6.1015625, 0.140625, -4.3671875, -3.4921875, -0.8671875,
        3.5078125, -2.484375, -2.7265625, -1.8515625, 0.7734375, 5.1484375, -0.890625, -1.1484375, -0.2734375,
        2.3515625, 6.7265625, 0.765625,
      ]).buffer,
    ),
  ),
  known(
    "int32, precision",
    describeChunk("int32"),
    "emZwYwAZBQAAAAMAAAACAAAAAQAAAA8nAAAAAAAAAFAAAAAAAAAAemZwBQwAASAABHCBAAAhGKAI8AAAFAEDACAEGAAAJUABACgCBgAACUAAAAIA2AAQABgAAAXAAAAIAQYAQAgQAAAKgAEAAAIAAIAAAAAAAAA=",
    new Uint8Array(
      Int32Array.from([
        -40128, -32960, -11968, 22848, -25024, -27200, -20032, 960, 35776, -12096, -14272, -7104, 13888, 48704, 832,
        -35008, -27840, -6848, 27968, -19904, -22080, -14912, 6080, 40896, -6976, -9152, -1984, 19008, 53824, 5952,
      ]).buffer,
    ),
  ),
  known(
    "float32, reversible, bits of floats as integers",
    describeChunk("float32", [12, 1, 1]),
    "emZwYwCrDAAAAAEAAAABAAAAAQAAAAEnAAAAAAAAADgAAAAAAAAAemZwBbIAAAAAAACI/wQAgAgEAAAAAAAAAAAAyCb/HwAAAPQDAAAAILCqurGoCidI8AYAAAAAAAA=",
    special,
  ),
  known(
    "float32, precision, what block floating point cannot hold",
    describeChunk("float32", [12, 1, 1]),
    "emZwYwCbDAAAAAEAAAABAAAAAQAAAAEnAAAAAAAAADAAAAAAAAAAemZwBbIAAAAAADCB//ZUAAAAAAAAAAD+l2WhAAAAxGHUFhfELAAAAAAAAAAAAAAA",
    fromBase64("AAAAAAAAAAAAAADAAAAAwAAAgH8AAKB2AABAdpDJf38AAIA/AAAAQAAAQEAAAIBA"),
  ),
  known(
    "float64, expert: blocks of 50 to 130 bits",
    describeChunk("float64", [2, 1, 1]),
    "emZwYwAMAgAAAAEAAAABAAAAAQAAAAEnAAAAAAAAAEgAAAAAAAAAemZwBRMAAAAAAPD/MYBAwK+Hd5CyULWDFu4mnozwqbExqheSkjxkZEqOIjMLEJv408D7D+SFgMCZ0dEp6Tu3fXhC1v6HNI5a",
    fromBase64("AACAkqR/O0gAAICCNjo+yA=="),
  ),
  known(
    "float32, expert and reversible: blocks of up to 40 bits",
    describeChunk("float32", [4, 1, 1]),
    "emZwYwALBAAAAAEAAAABAAAAAQAAAAEnAAAAAAAAAEgAAAAAAAAAemZwBTIAAAAAAPD/AIATwOQTl3M96/S9e//6eFku8bg6vr6HZe9vl7opif7os7tnD+e/7CWj1P98Lz+vf9Xw+915f/93cj12",
    fromBase64("AAAI5wAAsOYAAKDmAABIZw=="),
  ),
  known(
    "int64, expert: blocks of 50 to 90 bits, 20 planes",
    describeChunk("int64", [4, 1, 1]),
    "emZwYwAKBAAAAAEAAAABAAAAAQAAAAEnAAAAAAAAAEgAAAAAAAAAemZwBTEAAAAAAPD/MYAswKSHBwCQwAQLACAAIIAgAQEgEEGMIAAkCBgEACEACAQCBAAIAAKAIAhUQABICgJAAoAAMEAAAUgA",
    fromBase64("AAAAAACIAAAAAAAAAFj//wAAAAAAaP//AAAAAAC4AAA="),
  ),
];

/** Of chunks of 9 x 6 x 5 voxels and two channels: bytes encoded, and the first 8 bytes of SHA-256 of the encoded bytes and of what they decode to. */
const written: readonly (readonly [DataType, Parameters, number, string, string])[] = [
  ["int32", {}, 5487, "4469cd258d95fe7a", "896ba6064a07cc68"],
  ["int32", { zfpc_rate: 8 }, 3127, "975db0aacca2e418", "45d98d50539e6d8e"],
  ["int32", { zfpc_rate: 12.5 }, 4863, "35e07a9b8c2c5911", "93aca107316903da"],
  ["int32", { zfpc_precision: 16 }, 87, "cc6030b5a2544c9a", "8812ff07f7be0d63"],
  ["int32", { zfpc_precision: 0 }, 4335, "24a52042f00369c0", "0a070bc1a5dca209"],
  ["int32", { zfpc_tolerance: 0.01 }, 4327, "2c35fcf506aad67c", "0a070bc1a5dca209"],
  ["int32", { zfpc_tolerance: 0 }, 4335, "687dc383eeca9daa", "0a070bc1a5dca209"],
  ["int32", { zfpc_tolerance: 1e300 }, 4335, "bc831c7263de4b60", "0a070bc1a5dca209"],
  ["int32", { zfpc_correlated_dims: [true, true, true, false] }, 2463, "144680c630252bc9", "896ba6064a07cc68"],
  [
    "int32",
    { zfpc_correlated_dims: [true, false, true, false], zfpc_tolerance: 0.5 },
    1919,
    "76c343258e7a5a0d",
    "896f6783292ddd2f",
  ],
  [
    "int32",
    { zfpc_correlated_dims: [false, true, false, false], zfpc_precision: 9 },
    2191,
    "58047c98017f1807",
    "72642567c6d5dfe0",
  ],
  [
    "int32",
    { zfpc_correlated_dims: [false, false, false, true], zfpc_rate: 20 },
    8671,
    "62bd62613c3174b4",
    "896ba6064a07cc68",
  ],
  ["int64", {}, 5535, "df0da35405a28fcd", "2ed940c9597f497c"],
  ["int64", { zfpc_rate: 8 }, 3127, "c7d7c9d4a58fd953", "5d2dfef4778b1aff"],
  ["int64", { zfpc_rate: 12.5 }, 4863, "e3e61f4dea921934", "4bd045cf88aa42cf"],
  ["int64", { zfpc_precision: 16 }, 79, "55d3cb9a49285d5a", "7dabd08dcacc92f1"],
  ["int64", { zfpc_precision: 0 }, 4383, "886cc81421fb59c3", "1ebfdbdf3b4240ae"],
  ["int64", { zfpc_tolerance: 0.01 }, 4375, "1317b259848a8715", "1ebfdbdf3b4240ae"],
  ["int64", { zfpc_tolerance: 0 }, 4383, "0511b085176e105d", "1ebfdbdf3b4240ae"],
  ["int64", { zfpc_tolerance: 1e300 }, 4383, "8935dadabaeaa258", "1ebfdbdf3b4240ae"],
  ["int64", { zfpc_correlated_dims: [true, true, true, false] }, 2559, "18ede3ef7c6b2b8c", "2ed940c9597f497c"],
  [
    "int64",
    { zfpc_correlated_dims: [true, false, true, false], zfpc_tolerance: 0.5 },
    2207,
    "11784940e95b331d",
    "bd7e001541509817",
  ],
  [
    "int64",
    { zfpc_correlated_dims: [false, true, false, false], zfpc_precision: 9 },
    2191,
    "5a2e1da5578648bc",
    "7dabd08dcacc92f1",
  ],
  [
    "int64",
    { zfpc_correlated_dims: [false, false, false, true], zfpc_rate: 20 },
    8671,
    "74efa9362b0d3e9c",
    "1fa7dff294ba70e1",
  ],
  ["float32", {}, 2399, "63d2620093d490e2", "24fc10167f18cc8c"],
  ["float32", { zfpc_rate: 8 }, 3127, "37651dcf3bf578fb", "44b017a2d4eca7b1"],
  ["float32", { zfpc_rate: 12.5 }, 4863, "13f3f4d5e4088568", "3ebdb4f4550df908"],
  ["float32", { zfpc_precision: 16 }, 3743, "5e3b90001e3555a6", "92b36d0d01a7d605"],
  ["float32", { zfpc_precision: 0 }, 8383, "13318dd44cd33b1d", "24fc10167f18cc8c"],
  ["float32", { zfpc_tolerance: 0.01 }, 4903, "2fa3abae2ba992d9", "24fc10167f18cc8c"],
  ["float32", { zfpc_tolerance: 0 }, 8383, "60641f243aca5b78", "24fc10167f18cc8c"],
  ["float32", { zfpc_tolerance: 1e300 }, 63, "b4e3923cd8295e0b", "72642567c6d5dfe0"],
  ["float32", { zfpc_correlated_dims: [true, true, true, false] }, 1167, "b204f6edd2d6412e", "24fc10167f18cc8c"],
  [
    "float32",
    { zfpc_correlated_dims: [true, false, true, false], zfpc_tolerance: 0.5 },
    1127,
    "ddc251bb29969e48",
    "63868a3534d07c31",
  ],
  [
    "float32",
    { zfpc_correlated_dims: [false, true, false, false], zfpc_precision: 9 },
    2911,
    "b59777ad694f7dcf",
    "15efc3e3a2bea946",
  ],
  [
    "float32",
    { zfpc_correlated_dims: [false, false, false, true], zfpc_rate: 20 },
    8671,
    "cc6b2b6ed3de3661",
    "24fc10167f18cc8c",
  ],
  ["float64", {}, 2399, "28e1b63bd98fd3a1", "51e376ab79a4ef81"],
  ["float64", { zfpc_rate: 8 }, 3127, "5fcf51a5067b2c84", "afb4fce9bf5d2c5b"],
  ["float64", { zfpc_rate: 12.5 }, 4863, "58d60b6d5dae29c3", "8ee6f3d482bdc705"],
  ["float64", { zfpc_precision: 16 }, 3743, "f12ba059a305cb54", "4a3a1e89e57f1a35"],
  ["float64", { zfpc_precision: 0 }, 17647, "1923ee82cf39308d", "51e376ab79a4ef81"],
  ["float64", { zfpc_tolerance: 0.01 }, 4903, "57d14e38b8fc6b31", "51e376ab79a4ef81"],
  ["float64", { zfpc_tolerance: 0 }, 17647, "2741f1e04da5f47c", "51e376ab79a4ef81"],
  ["float64", { zfpc_tolerance: 1e300 }, 63, "7743d40436ee9ab6", "7dabd08dcacc92f1"],
  ["float64", { zfpc_correlated_dims: [true, true, true, false] }, 1183, "ecfa7c4e7e7865ad", "51e376ab79a4ef81"],
  [
    "float64",
    { zfpc_correlated_dims: [true, false, true, false], zfpc_tolerance: 0.5 },
    1143,
    "2257ae0aa8d3b958",
    "d4617f43450ce10e",
  ],
  [
    "float64",
    { zfpc_correlated_dims: [false, true, false, false], zfpc_precision: 9 },
    2911,
    "e5cb15a3d8af6e86",
    "8702002d2c9cd586",
  ],
  [
    "float64",
    { zfpc_correlated_dims: [false, false, false, true], zfpc_rate: 20 },
    8671,
    "20ceb183df1e6120",
    "51e376ab79a4ef81",
  ],
];

codecSuite({ descriptor: zfpcCodec, known: knownChunks });
goldenCodecSuite(zfpcCodec);

describe("zfpc", () => {
  const workspace = createFakeWorkspace(1 << 20, 8 << 20);
  let codec: ChunkCodec;
  beforeAll(async () => {
    codec = await zfpcCodec.load();
  });

  const encode = (chunk: ChunkDescription, voxels = voxelsOf(chunk)): Uint8Array => {
    workspace.arena.reset();
    return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
  };
  const decode = (encoded: Uint8Array, chunk: ChunkDescription, to: Vec3 = chunk.size): Uint8Array => {
    workspace.arena.reset();
    const bytes = chunk.dtype.endsWith("64") ? 8 : 4;
    const strides = { rowBytes: to[0] * bytes, planeBytes: to[0] * to[1] * bytes, channelBytes: product(to) * bytes };
    const pointer = workspace.resultPointer;
    codec.decode(encoded, chunk, { workspace, pointer, ...strides, from: [0, 0, 0], to });
    return new Uint8Array(workspace.view(pointer, product(to) * chunk.channels * bytes));
  };

  it.each(written)(
    "writes %s with %o as the reference does, and reads it",
    (dtype, parameters, sizeBytes, sha, shaOfVoxels) => {
      const chunk = describeChunk(dtype, [9, 6, 5], parameters, 2);
      const encoded = encode(chunk);
      expect(encoded).toHaveLength(sizeBytes);
      expect(hashOf(encoded)).toBe(sha);
      expect(hashOf(decode(encoded, chunk))).toBe(shaOfVoxels);
    },
  );

  it("writes special values as the reference does", () => {
    const chunk = describeChunk("float32", [12, 1, 1], { zfpc_correlated_dims: [true, false, false, false] });
    expect(Buffer.from(encode(chunk, special)).toString("base64")).toBe(
      "emZwYwCrDAAAAAEAAAABAAAAAQAAAAEnAAAAAAAAADgAAAAAAAAAemZwBbIAAAAAAACI/wQAgAgEAAAAAAAAAAAAyCb/HwAAAPQDAAAAILCqurGoCidI8AYAAAAAAAA=",
    );
  });

  it("writes integers whose sums leave the type", () => {
    const chunk = describeChunk("int32", [4, 4, 4], { zfpc_precision: 32 });
    const voxels = new Uint8Array(new Int32Array(64).fill(0x7fff_ff00).buffer);
    expect(hashOf(encode(chunk, voxels))).toBe("c3f754c9f6711999");
  });

  it("takes parameters below 0 as not set", () => {
    const unset = { zfpc_rate: -1, zfpc_precision: -1, zfpc_tolerance: -1 };
    expect(encode(describeChunk("float32", small, unset))).toEqual(encode(lossless32));
  });

  it.each<[string, Parameters, typeof InvalidArgumentError | typeof InvalidMetadataError, RegExp]>([
    ["two limits", { zfpc_rate: 8, zfpc_tolerance: 0 }, InvalidArgumentError, /only one of zfpc_rate/],
    ["no axis", { zfpc_correlated_dims: [false, false, false, false] }, InvalidArgumentError, /at least one axis/],
    ["three axes", { zfpc_correlated_dims: [true, true, true] }, InvalidMetadataError, /four booleans/],
    ["a rate in words", { zfpc_rate: "8" }, InvalidMetadataError, /must be a number/],
    ["no bits", { zfpc_rate: 0 }, InvalidArgumentError, /9 to 32768 bits, not 0/],
    ["too few bits for an exponent", { zfpc_rate: 0.03 }, InvalidArgumentError, /9 to 32768 bits, not 8/],
    ["more bits than a header can say", { zfpc_rate: 129 }, InvalidArgumentError, /not 33024/],
  ])("does not encode with %s", (_, parameters, error, message) => {
    const encoding = () => encode(describeChunk("float32", small, parameters));
    expect(encoding).toThrow(error);
    expect(encoding).toThrow(message);
  });

  it("does not encode an axis that a header cannot state", () => {
    expect(() => encode(describeChunk("int32", [4097, 1, 1]))).toThrow(InvalidArgumentError);
    expect(encode(describeChunk("int32", [4096, 1, 1]))).not.toHaveLength(0);
  });

  it("reads only the streams that are wanted", () => {
    const chunk = describeChunk("float32", small, { zfpc_correlated_dims: [true, true, false, true] });
    const encoded = encode(chunk);
    encoded.fill(0xff, encoded.byteLength - 30);
    expect(decode(encoded, chunk, [5, 3, 1])).toEqual(voxelsOf(chunk).subarray(0, 60));
    expect(() => decode(encoded, chunk)).toThrow(InvalidChunkError);
  });

  it("reads a chunk with bytes behind it", () => {
    const encoded = new Uint8Array([...encode(lossless32), 1, 2, 3]);
    expect(decode(encoded, lossless32)).toEqual(voxelsOf(lossless32));
  });

  /** Offsets in a chunk of one stream, which begins at 39 with its own header. */
  it.each<[string, number, number, RegExp]>([
    ["another magic", 0, 0x7b, /not a zfpc chunk/],
    ["another version", 4, 1, /version 1/],
    ["another type", 5, 0x2c, /has float64 voxels/],
    ["an unknown type", 5, 0x28, /has undefined voxels/],
    ["an unknown mode", 5, 0x33, /mode 6/],
    ["another width", 6, 6, /of 6 x 3 x 2 x 1, expected float32 of 5 x 3 x 2 x 1/],
    ["another channel count", 18, 2, /of 5 x 3 x 2 x 2/],
    ["no correlated axis", 22, 0, /correlated axes 0/],
    ["a fifth axis", 22, 31, /correlated axes 31/],
    ["an index of another length", 23, 47, /do not begin behind its index/],
    ["a stream beyond the end", 31, 0x58, /stream 0 of 1 lies beyond its end/],
    ["a stream far beyond the end", 38, 1, /stream 0 of 1 lies beyond its end/],
    ["a shorter stream", 31, 0x40, /go on beyond its end/],
    ["a stream shorter than its header", 31, 11, /not a zfp stream/],
    ["a stream of another version", 42, 4, /not a zfp stream of version 5/],
    ["a stream of another type", 43, 0x0f, /zfp stream has float64 voxels/],
    ["a stream of another size", 44, 0x10, /zfp stream has float32 voxels of/],
  ])("refuses %s", (_, offset, value, message) => {
    const encoded = encode(lossless32);
    encoded[offset] = value;
    expect(() => decode(encoded, lossless32)).toThrow(InvalidChunkError);
    expect(() => decode(encoded, lossless32)).toThrow(message);
  });

  it("refuses limits that contradict each other", () => {
    const chunk = describeChunk("float32", small, { zfpc_tolerance: 0 });
    const encoded = encode(chunk);
    // The long mode: bits at least (15 bits), at most (15), precision (7).
    encoded[39 + 12] = 0xff;
    encoded[39 + 13] = 0xff;
    encoded[39 + 14] = 0;
    expect(() => decode(encoded, chunk)).toThrow(/impossible limits: blocks of 32768 to/);
    expect(() => decode(encoded.subarray(0, 39 + 20), chunk)).toThrow(InvalidChunkError);
  });

  it("refuses or reads seeded damage of every mode", () => {
    const random = createRandom(20_261_123);
    for (const [dtype, parameters] of written) {
      const chunk = describeChunk(dtype, [6, 5, 5], parameters, 2);
      const encoded = encode(chunk);
      for (let i = 0; i < 40; i++) {
        const damaged = encoded.slice(0, encoded.byteLength - (i % 4 === 0 ? random.integer(encoded.byteLength) : 0));
        const most = i % 2 === 0 ? damaged.byteLength : Math.min(80, damaged.byteLength);
        for (let flips = 1 + random.integer(4); flips > 0; flips--) {
          const at = random.integer(most);
          damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8));
        }
        try {
          decode(damaged, chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidChunkError);
        }
      }
    }
  });
});

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
