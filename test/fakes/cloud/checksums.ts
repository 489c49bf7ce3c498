/** The checksums that Google and Amazon put in headers, in base64 as they do. */
import { createHash } from "node:crypto";

/** CRC-32 as in zip. */
export const crc32 = checksumOf(0xedb88320);
/** CRC-32C (Castagnoli). */
export const crc32c = checksumOf(0x82f63b78);

/** A 32-bit checksum as base64 of its four bytes, the highest first. */
export function base64Of(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString("base64");
}

/** MD5 in base64, or in hexadecimal digits. */
export function md5(bytes: Uint8Array, form: "base64" | "hex"): string {
  return createHash("md5").update(bytes).digest(form);
}

function checksumOf(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    return value;
  });
  return (bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) {
      value = (value >>> 8) ^ (table[(value ^ byte) & 255] ?? 0);
    }
    return (value ^ 0xffffffff) >>> 0;
  };
}
