/** Makes the checksums of damaged chunks right again, so that damage reaches what they protect. */
import { crc32 } from "node:zlib";

/** By encoding; each gives new bytes and leaves alone what it cannot find its way in. */
export const repairs: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  png: repairPng,
  crackle: repairCrackle,
};

/** CRC-32 of each PNG chunk: length, type, content, CRC over type and content. */
function repairPng(bytes: Uint8Array): Uint8Array {
  const fixed = bytes.slice();
  const view = new DataView(fixed.buffer);
  for (let at = 8; at + 12 <= fixed.byteLength; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > fixed.byteLength) {
      break;
    }
    view.setUint32(end, crc32(fixed.subarray(at + 4, end)));
    at = end + 4;
  }
  return fixed;
}

/** Version 1: CRC-8 of the header, CRC-32C of the index of slices, and of the labels; those of the slices stay as they are. */
function repairCrackle(bytes: Uint8Array): Uint8Array {
  const fixed = bytes.slice();
  if (fixed.byteLength < 33 || fixed[4] !== 1) {
    return fixed;
  }
  const view = new DataView(fixed.buffer);
  fixed[28] = reflectedCrc(fixed.subarray(5, 28), 0xe7, 0xff);
  const slices = view.getUint32(15, true);
  const labels = 29 + 4 * slices + 4;
  const labelBytes = Number(view.getBigUint64(20, true));
  const trailer = fixed.byteLength - 4 * (slices + 1);
  if (labels + labelBytes <= trailer) {
    view.setUint32(labels - 4, crc32c(fixed.subarray(29, labels - 4)), true);
    view.setUint32(trailer, crc32c(fixed.subarray(labels, labels + labelBytes)), true);
  }
  return fixed;
}

function crc32c(bytes: Uint8Array): number {
  return ~reflectedCrc(bytes, 0x82f6_3b78, 0xffff_ffff) >>> 0;
}

function reflectedCrc(bytes: Uint8Array, polynomial: number, start: number): number {
  let crc = start;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ ((crc & 1) === 1 ? polynomial : 0);
    }
  }
  return crc >>> 0;
}
