import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { compareEtag, createChecksumComparison, createCrc32c } from "../../../../../server/src/storage/s3/checksums.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const mebi = 2 ** 20;

test("CRC-32C of the check value, of zeros and of ones (RFC 3720, B.4)", () => {
  const crc32c = createCrc32c();
  expect(crc32c(text("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
});

test("the cheapest checksum of a reply decides", () => {
  const compare = createChecksumComparison();
  const bytes = text("123456789");
  const md5 = '"25f9e794323b453885f5181f1b624d0b"';
  expect(compare(bytes, { etag: md5 })).toBe("same");
  expect(compare(text("123456780"), { etag: md5 })).toBe("different");
  expect(compare(bytes, { "x-amz-checksum-crc32": "y/Q5Jg==" })).toBe("same"); // cbf43926
  expect(compare(bytes, { "x-amz-checksum-crc32": "y/Q5Jw==", etag: md5 })).toBe("different");
  expect(compare(bytes, { "x-amz-checksum-crc32c": "4waSgw==" })).toBe("same");
  expect(compare(bytes, { "x-amz-checksum-crc32c": "4waShA==" })).toBe("different");
});

test("a checksum that is not of the whole, or of something else, says nothing", () => {
  const compare = createChecksumComparison();
  const bytes = text("123456789");
  const wrong = '"00000000000000000000000000000000"';
  expect(compare(bytes, { "x-amz-checksum-crc32": "y/Q5Jw==-2" })).toBe("unknown");
  expect(compare(bytes, { etag: wrong, "x-amz-server-side-encryption": "aws:kms" })).toBe("unknown");
  expect(compare(bytes, { etag: wrong, "x-amz-server-side-encryption-customer-algorithm": "AES256" })).toBe("unknown");
  expect(compare(bytes, { etag: wrong, "x-amz-server-side-encryption": "AES256" })).toBe("different");
  expect(compare(bytes, { etag: '"1234567-89"' })).toBe("unknown"); // a file system behind S3
  expect(compare(bytes, { etag: 'W/"x"' })).toBe("unknown");
  expect(compare(bytes, {})).toBe("unknown");
});

/** As S3 makes it: the MD5 of the MD5s of the parts. */
function etagOfParts(bytes: Uint8Array, partBytes: number): string {
  const parts = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) =>
    createHash("md5")
      .update(bytes.subarray(index * partBytes, (index + 1) * partBytes))
      .digest(),
  );
  return `"${createHash("md5").update(Buffer.concat(parts)).digest("hex")}-${parts.length}"`;
}

test.each([
  ["8 MiB", 17, 8],
  ["15 MiB", 16, 15],
  ["the smallest number of MiB", 9, 5],
  ["one MiB more", 19.9, 11],
  ["one part", 3, 8],
])("ETags of parts of %s are recognised", (_what, sizeMebi, partMebi) => {
  const bytes = new Uint8Array(Math.round(sizeMebi * mebi) + 5).fill(7);
  expect(compareEtag(bytes, etagOfParts(bytes, partMebi * mebi))).toBe("same");
});

test("a change shows where only one part size of whole MiB is possible", () => {
  const bytes = new Uint8Array(33 * mebi).fill(7);
  const etag = etagOfParts(bytes, 4 * mebi); // nine parts: of 4 MiB, nothing else
  expect(compareEtag(bytes, etag)).toBe("same");
  bytes[40] = 8;
  expect(compareEtag(bytes, etag)).toBe("different");
});

test("parts of a size that nobody guesses are no damage", () => {
  const bytes = new Uint8Array(12 * mebi).fill(7);
  expect(compareEtag(bytes, etagOfParts(bytes, 10 * mebi))).toBe("unknown");
});
