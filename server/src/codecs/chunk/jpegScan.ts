/**
 * What a gray baseline JPEG image's scan needs (ITU T.81, annex B): its steps, its codes, and where it is.
 *
 *   DQT  of each table: u8 precision << 4 | id, then 64 steps in zigzag order, u8 or u16
 *   DHT  of each table: u8 class << 4 | id (class 0 DC, 1 AC), 16 counts of codes by length, then as many symbols
 *   SOS  u8 components, for each u8 id, u8 DC table << 4 | AC table; u8 first, u8 last coefficient, u8 bits of approximation
 */

export interface GrayScan {
  readonly width: number;
  readonly height: number;
  /** In zigzag order. */
  readonly steps: Uint16Array;
  /** Where the 16 counts of a Huffman table begin; its symbols follow, as many as the counts say. */
  readonly dcCodes: number;
  readonly acCodes: number;
  /** The entropy-coded data. */
  readonly start: number;
  readonly end: number;
}

const [SOF0, DHT, SOI, EOI, SOS, DQT, DRI] = [0xc0, 0xc4, 0xd8, 0xd9, 0xda, 0xdb, 0xdd];

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly stepsId: number;
}

/** Walks the markers up to the scan; undefined where the file is of another kind, or not whole. Whether markers lie in the scan is not looked at. */
export function readGrayScan(bytes: Uint8Array): GrayScan | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) {
    return undefined;
  }
  const steps = new Map<number, Uint16Array>();
  const codes = new Map<number, number>();
  let frame: Frame | undefined;
  for (let at = 2; at + 4 <= bytes.byteLength; ) {
    const marker = bytes[at + 1] ?? 0;
    const end = at + 2 + uint16(bytes, at + 2);
    const start = at + 4;
    if (bytes[at] !== 0xff || end > bytes.byteLength || end < start) {
      return undefined;
    }
    switch (marker) {
      case SOF0:
        if (frame !== undefined) {
          return undefined;
        }
        frame = readFrame(bytes, start, end);
        break;
      case DQT:
        if (!readSteps(bytes, start, end, steps)) {
          return undefined;
        }
        break;
      case DHT:
        if (!readCodes(bytes, start, end, codes)) {
          return undefined;
        }
        break;
      case SOS:
        return frame && readScan(bytes, start, end, frame, steps, codes);
      case DRI:
        if (uint16(bytes, start) !== 0) {
          return undefined;
        }
        break;
      default:
        // Other frames and markers without a length are for the library; APPn, COM and the like tell the pixels nothing.
        if (marker < 0xe0 || marker === 0xff) {
          return undefined;
        }
    }
    at = end;
  }
  return undefined;
}

function readFrame(bytes: Uint8Array, start: number, end: number): Frame | undefined {
  const isGray = end - start === 9 && bytes[start] === 8 && bytes[start + 5] === 1;
  return isGray
    ? { height: uint16(bytes, start + 1), width: uint16(bytes, start + 3), stepsId: bytes[start + 8] ?? 0 }
    : undefined;
}

function readSteps(bytes: Uint8Array, start: number, end: number, steps: Map<number, Uint16Array>): boolean {
  let at = start;
  while (at < end) {
    const precision = (bytes[at] ?? 0) >> 4;
    const id = (bytes[at] ?? 0) & 15;
    const width = precision === 0 ? 1 : 2;
    const table = at + 1;
    at = table + 64 * width;
    if (precision > 1 || at > end) {
      return false;
    }
    const read = (_: unknown, k: number): number =>
      width === 1 ? (bytes[table + k] ?? 0) : uint16(bytes, table + 2 * k);
    steps.set(id, Uint16Array.from({ length: 64 }, read));
  }
  return true;
}

function readCodes(bytes: Uint8Array, start: number, end: number, codes: Map<number, number>): boolean {
  let at = start;
  while (at < end) {
    const counts = bytes.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    codes.set(bytes[at] ?? 0, at + 1);
    at += 17 + symbols;
    if (symbols > 256 || at > end) {
      return false;
    }
  }
  return true;
}

function readScan(
  bytes: Uint8Array,
  start: number,
  end: number,
  { width, height, stepsId }: Frame,
  steps: ReadonlyMap<number, Uint16Array>,
  codes: ReadonlyMap<number, number>,
): GrayScan | undefined {
  const ids = bytes[start + 2] ?? 0;
  const isSequential = end - start === 6 && bytes[start] === 1 && bytes[start + 3] === 0 && bytes[start + 4] === 63;
  const [table, dcCodes, acCodes] = [steps.get(stepsId), codes.get(ids >> 4), codes.get(0x10 | (ids & 15))];
  const last = bytes.lastIndexOf(0xff);
  const isOneScan = bytes[last + 1] === EOI && last + 2 === bytes.byteLength;
  if (!isSequential || !isOneScan || table === undefined || dcCodes === undefined || acCodes === undefined) {
    return undefined;
  }
  return { width, height, steps: table, dcCodes, acCodes, start: end, end: last };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
