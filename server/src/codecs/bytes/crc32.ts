/** CRC-32 (ISO 3309: gzip, PNG, xz) in plain TypeScript, for code that also runs where there is no node:zlib. */

/** The checksum of `bytes`, an unsigned 32-bit integer. */
export function crc32OfBytes(bytes: Uint8Array): number {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
    }
    return crc;
  });
  let crc = -1;
  for (let at = 0; at < bytes.byteLength; at++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 255] ?? 0);
  }
  return ~crc >>> 0;
}
