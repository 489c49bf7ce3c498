/**
 * The filters of PNG rows (ISO/IEC 15948, clause 9): each row is a filter byte, then its bytes, filtered.
 *
 * a = the byte one pixel to the left, b = the byte above, c = the byte above a; all zero outside the image.
 *   0 none   1 sub: + a   2 up: + b   3 average: + (a + b) >> 1   4 Paeth: + the nearest of a, b, c to a + b - c
 */
import { InvalidChunkError } from "../../errors.ts";

export interface RowLayout {
  readonly rows: number;
  readonly rowBytes: number;
  /** Bytes of a pixel, at least 1. */
  readonly pixelBytes: number;
}

/** Rows without their filter bytes, undone. `filtered` has rows x (1 + rowBytes) bytes at `start`. Throws InvalidChunkError for an unknown filter. */
export function unfilterRows(filtered: Uint8Array, start: number, layout: RowLayout): Uint8Array {
  const { rows, rowBytes } = layout;
  const result = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const from = start + row * (rowBytes + 1) + 1;
    const to = row * rowBytes;
    result.set(filtered.subarray(from, from + rowBytes), to);
    unfilterRow(filtered[from - 1] ?? 0, result, to, layout);
  }
  return result;
}

function unfilterRow(filter: number, bytes: Uint8Array, start: number, layout: RowLayout): void {
  switch (filter) {
    case 0:
      return;
    case 1:
      undoSub(bytes, start, layout);
      return;
    case 2:
      undoUp(bytes, start, layout);
      return;
    case 3:
      undoAverage(bytes, start, layout);
      return;
    case 4:
      undoPaeth(bytes, start, layout);
      return;
    default:
      throw unknownFilter(filter);
  }
}

function undoSub(bytes: Uint8Array, start: number, { rowBytes, pixelBytes }: RowLayout): void {
  for (let i = start + pixelBytes; i < start + rowBytes; i++) {
    bytes[i] = (bytes[i] ?? 0) + (bytes[i - pixelBytes] ?? 0);
  }
}

function undoUp(bytes: Uint8Array, start: number, { rowBytes }: RowLayout): void {
  if (start === 0) {
    return;
  }
  for (let i = start; i < start + rowBytes; i++) {
    bytes[i] = (bytes[i] ?? 0) + (bytes[i - rowBytes] ?? 0);
  }
}

function undoAverage(bytes: Uint8Array, start: number, { rowBytes, pixelBytes }: RowLayout): void {
  for (let i = 0; i < rowBytes; i++) {
    const left = i < pixelBytes ? 0 : (bytes[start + i - pixelBytes] ?? 0);
    const above = start === 0 ? 0 : (bytes[start + i - rowBytes] ?? 0);
    bytes[start + i] = (bytes[start + i] ?? 0) + ((left + above) >> 1);
  }
}

function undoPaeth(bytes: Uint8Array, start: number, { rowBytes, pixelBytes }: RowLayout): void {
  if (start === 0) {
    // Nothing above: the nearest is always the left one.
    undoSub(bytes, start, { rows: 1, rowBytes, pixelBytes });
    return;
  }
  for (let i = start; i < start + Math.min(pixelBytes, rowBytes); i++) {
    bytes[i] = (bytes[i] ?? 0) + (bytes[i - rowBytes] ?? 0);
  }
  for (let i = start + pixelBytes; i < start + rowBytes; i++) {
    const a = bytes[i - pixelBytes] ?? 0;
    const b = bytes[i - rowBytes] ?? 0;
    const c = bytes[i - rowBytes - pixelBytes] ?? 0;
    const toA = Math.abs(b - c);
    const toB = Math.abs(a - c);
    const toC = Math.abs(a + b - 2 * c);
    const nearest = toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    bytes[i] = (bytes[i] ?? 0) + nearest;
  }
}

export function unknownFilter(filter: number): InvalidChunkError {
  return new InvalidChunkError(`PNG image is damaged: unknown row filter ${filter}`);
}
