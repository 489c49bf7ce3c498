/** Gray baseline JPEG by the kernel: pixels of the reference, bit for bit, and damage of the scan. */
import { describe, expect, it } from "vitest";
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const codec = await jpegCodec.load();
const workspace = createFakeWorkspace(1 << 16, 4 << 20);
const seed = 8_061_903;

type Size = readonly [number, number, number];

/** The whole chunk, dense. */
function decode(encoded: Uint8Array, size: Size): Uint8Array {
  workspace.arena.reset();
  const [x, y, z] = size;
  const pointer = workspace.resultPointer;
  const strides = { rowBytes: x, planeBytes: x * y, channelBytes: 0 };
  codec.decode(encoded, describeGray(size), { workspace, pointer, ...strides, from: [0, 0, 0], to: size });
  return new Uint8Array(workspace.view(pointer, x * y * z));
}

function describeGray(size: Size, quality = 85) {
  return { size, channels: 1, dtype: "uint8", parameters: { jpeg_quality: quality } } as const;
}

function encode(voxels: Uint8Array, size: Size, quality?: number): Uint8Array {
  workspace.arena.reset();
  return codec.encode?.(voxels, describeGray(size, quality), workspace) ?? voxels;
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** Written and read by simplejpeg, as CloudVolume calls it. */
const ofReference: readonly {
  readonly size: Size;
  readonly quality: number;
  readonly encoded: string;
  readonly pixels: string;
}[] = [
  {
    size: [13, 3, 2],
    quality: 85,
    encoded:
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJBweHx7/wAALCAAGAA0BAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ANrT/EQWO30U2iSRzok0jN381zgjJJBDjPU/eJyeh828ReFr3Wrj+1beaBTMwVkmbOwCOPaq/JwoB6fXtgD/2Q==",
    pixels: "rF+/rMK2fJNms080MHl9osi52KaTm3E7PlSnmJzKoqrEn4N6CmMpWIuuqYqZla6Md4FfPJSUhnacV6GXVnNWcj1gmZVEb4JqpWiNaqmC",
  },
  {
    size: [8, 8, 2],
    quality: 95,
    encoded:
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAQAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AO/8NftdaF8IfBzfs5+Jb2RrCwuVsIBc6kFub2N5Wllja2hEqI7v9qMfmR5bdCHcbsr8w3X7P2r6l+1DD8TPHL6uRrTxxnWHtZoUu/MnRhJKVkAHmlpCVWTI2LExZvmr/9k=",
    pixels:
      "dW/d09zdt4Zog9KcsLaxpmFnqdXLup2ZdKeHpaexocyoq1mJhZ9VpJdeaGeAjrB6lH2YeYhNZ2SmgFdJX0ZKfL5lRCwhV29simRTFS9GPF5tXGU1NVBklUt/PUZSYG1yqWJbYT+GdaV/ZWtwTGpsm3CVZltgVHeag5isjY6BXpQ=",
  },
  {
    size: [20, 12, 1],
    quality: 40,
    encoded:
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/wAALCAAMABQBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AJ/taJEItvA4C5wenpVKSw3zbwpOOT2/D/PTip/7SRVVWjjZlUA5b/OKz7k7b4sAMmQA/nW7G2bBcgc4P8hXOSzvvJ4y3PT3r//Z",
    pixels:
      "S5S418urq4hgfTcvJ0suWn28xJd+rbC7rpimjps/Y08uGGI+jLKtmYetrMG/rrmehV9gSGkvUXt4utC8kKaasbiruqNxl1lnaGtGnFijwaiko36Hh3uShpmHhZU4cYBdWXRuYnmFeJSTdHhkiYmgYXN0lGJjeW9hY3ZzmJdyd2h3oY5TtpqLnGSBemOdkF9eUkNxg7OPg7uLtaqWZ1gvJKNkPCRBU0Z8d6+M1cmmko2SXldNqG5MNUpVSYJ8s5fc0LObmJNkYVakcVhDT05BgXiuntnNu5yfd1FVSZhqWUdKPS92ap+dzL+6kZxYPkg4",
  },
];

it.each(ofReference)("gives the reference's pixels, bit for bit: $size, quality $quality", (known) => {
  const pixels = decode(fromBase64(known.encoded), known.size);
  expect(Buffer.from(pixels).toString("base64")).toBe(known.pixels);
});

/** The same image with restarts, but after more blocks than it has: of no consequence, and a matter of the library. */
function leftToLibrary(encoded: Uint8Array): Uint8Array {
  const restarts = [0xff, 0xdd, 0, 4, 0xff, 0xff];
  return Uint8Array.from([...encoded.subarray(0, 2), ...restarts, ...encoded.subarray(2)]);
}

describe(`kernel and library give the same pixels (seed ${seed})`, () => {
  const sizes: readonly Size[] = [
    [16, 16, 2],
    [13, 9, 5],
    [1, 1, 1],
    [300, 3, 1],
    [7, 1, 30],
  ];
  const contents: Readonly<Record<string, (i: number, x: number, noise: number) => number>> = {
    noise: (_i, _x, noise) => noise,
    waves: (i, x) => 128 + 90 * Math.sin(i / x / 3) + 30 * Math.cos((i % x) / 2),
    tissue: (i, x, noise) => 128 + 60 * Math.sin(i / x / 5) * Math.cos((i % x) / 7) + noise / 8,
    edges: (i) => (i % 5 < 2 ? 0 : 255),
  };
  const cases = Object.keys(contents).flatMap((content) =>
    [1, 20, 60, 85, 100].map((quality) => ({ content, quality })),
  );
  it.each(cases)("$content, quality $quality", ({ content, quality }) => {
    const random = createRandom(seed);
    for (const size of sizes) {
      const [x, y, z] = size;
      const voxels = random.bytes(x * y * z).map((noise, i) => contents[content]?.(i, x, noise) ?? 0);
      const encoded = encode(voxels, size, quality);
      const byKernel = decode(encoded, size);
      expect(Buffer.compare(byKernel, decode(leftToLibrary(encoded), size)), String(size)).toBe(0);
    }
  });
});

describe("refuses a scan that", () => {
  /** One block, its scan made of these bits. */
  function decodeScan(bits: string): Uint8Array {
    const encoded = encode(new Uint8Array(64), [8, 8, 1]);
    const start = Buffer.from(encoded).indexOf(Buffer.from([0xff, 0xda])) + 10;
    const bytes = bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, "1"), 2)) ?? [];
    const stuffed = bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte]));
    return decode(Uint8Array.from([...encoded.subarray(0, start), ...stuffed, 0xff, 0xd9]), [8, 8, 1]);
  }
  const dcOf0 = "00";
  const endOfBlock = "1010";
  const zeros16 = "11111111001";

  it("is sound: a block of nothing is gray", () => {
    expect(decodeScan(dcOf0 + endOfBlock)).toEqual(new Uint8Array(64).fill(128));
  });
  it.each([
    ["has a DC code that no table has", "1".repeat(16), /a code that no table has/],
    ["has an AC code that no table has", dcOf0 + "1".repeat(22), /a code that no table has/],
    ["runs beyond its block by zeros", dcOf0 + zeros16.repeat(4), /a run that leaves its block/],
    [
      "runs beyond its block by a value",
      `${dcOf0}${zeros16.repeat(3)}1111111111110101${"1".repeat(9)}`,
      /leaves its block/,
    ],
    ["ends in a block", `${dcOf0}0000`, /fewer bits than its blocks take/],
    ["has no bits at all", "", /fewer bits than its blocks take/],
  ])("%s", (_what, bits, message) => {
    expect(() => decodeScan(bits)).toThrow(
      expect.objectContaining({ tag: "invalid_chunk", message: expect.stringMatching(message) }),
    );
  });

  it("leaves it to the library whether bytes after the blocks are damage", () => {
    const sound = dcOf0 + endOfBlock;
    expect(decodeScan(`${sound}11${"00000001"}`)).toEqual(new Uint8Array(64).fill(128));
  });
});

it("refuses Huffman tables that are none", () => {
  const encoded = encode(new Uint8Array(64), [8, 8, 1]);
  const at = Buffer.from(encoded).indexOf(Buffer.from([0xff, 0xc4, 0, 31]));
  const crowded = Uint8Array.from(encoded);
  // Two codes of one bit, and then more.
  crowded[at + 5] = 2;
  crowded[at + 7] = 3;
  expect(() => decode(crowded, [8, 8, 1])).toThrow(
    expect.objectContaining({ tag: "invalid_chunk", message: expect.stringMatching(/table that is none/) }),
  );
});

it("reads tables made for the image, with codes of all lengths", () => {
  // Pillow with optimize=True: 8 x 8 pixels (x * 31 + y * 57) % 256 at quality 90, and what simplejpeg reads.
  const encoded = fromBase64(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EACAQAAIBBAEFAAAAAAAAAAAAAAIDBAEFBhIABxQWISL/2gAIAQEAAD8AJj8Pwuwxlwwt/RPEJWyY82SPc5Bcl7VUVUgAkS/l8cipHA2JIdqP198//9k=",
  );
  expect(Buffer.from(decode(encoded, [8, 8, 1])).toString("base64")).toBe(
    "ACM6YXqct9o2VniXstb0EneRrs/rECdPp87kCytBaYLmACY8Yn+juRdGVX2XvNPzVXOTttDrFTSPsc3nEitDZw==",
  );
});
