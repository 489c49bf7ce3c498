/** Checksums of Google Cloud Storage: known values of RFC 3720 (B.4) and of the reference's `google_crc32c`. */
import { describe, expect, test } from "vitest";
import { createChecksumComparison, md5Of } from "../../../../../server/src/storage/gs/checksums.ts";
import { createCrc32c } from "../../../../../server/src/storage/gs/crc32c.ts";

const crc32c = createCrc32c();
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("CRC-32C", () => {
  test.each([
    ["nothing", new Uint8Array(0), 0],
    ["the check value", ascii("123456789"), 0xe3069283],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])("of %s", (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test("does not depend on where the bytes lie", () => {
    const memory = new Uint8Array(16);
    memory.set(ascii("123456789"), 3);
    expect(crc32c(memory.subarray(3, 12))).toBe(0xe3069283);
  });
});

describe("the check of an object", () => {
  const compare = createChecksumComparison();
  const bytes = ascii("123456789");
  // base64 of the big-endian checksum, and of the MD5 25f9e794323b453885f5181f1b624d0b
  const crc = "crc32c=4waSgw==";
  const md5 = "md5=JfnnlDI7RTiF9RgfG2JNCw==";

  test.each([
    ["both, in one header", { "x-goog-hash": `${crc}, ${md5}` }, "same"],
    ["both, in two headers", { "x-goog-hash": [crc, md5] }, "same"],
    ["that of a composite object", { "x-goog-hash": crc }, "same"],
    ["another CRC", { "x-goog-hash": "crc32c=AAAAAA==" }, "different"],
    ["another MD5", { "x-goog-hash": `${crc},md5=AAAAAAAAAAAAAAAAAAAAAA==` }, "different"],
    ["none", {}, "unknown"],
    ["what is no checksum", { "x-goog-hash": "md5=short" }, "unknown"],
    [
      "bytes as stored",
      { "x-goog-hash": md5, "x-goog-stored-content-encoding": "gzip", "content-encoding": "gzip" },
      "same",
    ],
    [
      "bytes that came decompressed",
      { "x-goog-hash": "crc32c=AAAAAA==", "x-goog-stored-content-encoding": "gzip" },
      "unknown",
    ],
  ] as const)("%s", (_what, headers, expected) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value].join(", ")]),
    );
    expect(compare(bytes, sent)).toBe(expected);
  });

  test("the MD5 is in base64", () => {
    expect(md5Of(bytes)).toBe("JfnnlDI7RTiF9RgfG2JNCw==");
  });
});
