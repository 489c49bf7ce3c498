/** CRC-32C (Castagnoli polynomial, reflected 0x82F63B78; RFC 3720, appendix B.4), which Node's zlib does not have. Pure. */

/** A function that gives the checksum as an unsigned number. Makes its tables. */
export function createCrc32c(): (bytes: Uint8Array) => number {
  const tables = createTables();
  const word = (table: number, index: number): number => tables[table * 256 + index] ?? 0;
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = bytes.byteLength - (bytes.byteLength % 4);
    let crc = -1;
    for (let at = 0; at < whole; at += 4) {
      crc ^= view.getInt32(at, true);
      crc = word(3, crc & 255) ^ word(2, (crc >>> 8) & 255) ^ word(1, (crc >>> 16) & 255) ^ word(0, crc >>> 24);
    }
    for (let at = whole; at < bytes.byteLength; at++) {
      crc = word(0, (crc ^ view.getUint8(at)) & 255) ^ (crc >>> 8);
    }
    return ~crc >>> 0;
  };
}

/** Four tables of 256, one behind the other, so that four bytes are taken at once. */
function createTables(): Int32Array {
  const tables = new Int32Array(4 * 256);
  for (let index = 0; index < 256; index++) {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    tables[index] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (tables[before & 255] ?? 0) ^ (before >>> 8);
  }
  return tables;
}
