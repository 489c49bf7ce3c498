/**
 * The frames of a Zstandard stream (RFC 8878, section 3.1), found without decoding: where each ends and how much it can hold.
 *
 *   frame      magic 28 B5 2F FD, descriptor, window (0 or 1 byte), dictionary id (0, 1, 2, 4), content size (0, 1, 2, 4, 8), blocks, checksum (0 or 4)
 *   block      3 bytes: bit 0 last, bits 1-2 type (0 raw, 1 run, 2 compressed), bits 3-23 size; then its bytes
 *   skippable  magic 5x 2A 4D 18, size (4), bytes
 */
import { InvalidChunkError } from "../../errors.ts";
import { describeStart } from "./streams.ts";

export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  /** Bytes that the frame decodes to: exactly, or at most. */
  readonly sizeBytes: number;
  readonly isExact: boolean;
}

const magicNumber = 0xfd2fb528;
const maxBlockBytes = 128 * 1024;

/** The frames with content, in order; skippable ones are left out. Throws InvalidChunkError for bytes that are no whole number of frames. */
export function readZstdFrames(bytes: Uint8Array): readonly ZstdFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: ZstdFrame[] = [];
  for (let at = 0; at < bytes.byteLength || at === 0; ) {
    assertInside(view, at + 8);
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      at += 8 + view.getUint32(at + 4, true);
      assertInside(view, at);
      continue;
    }
    if (magic !== magicNumber) {
      const what = at === 0 ? `not a zstd stream: ${describeStart(bytes)}` : `no zstd frame follows at byte ${at}`;
      throw new InvalidChunkError(what);
    }
    const frame = readFrame(view, at);
    frames.push(frame);
    at = frame.end;
  }
  return frames;
}

function readFrame(view: DataView, start: number): ZstdFrame {
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const contentAt = start + 5 + windowBytes + dictionaryBytes;
  const blocks = readBlocks(view, contentAt + contentBytes);
  const end = blocks.end + ((descriptor & 4) === 0 ? 0 : 4);
  assertInside(view, end);
  const contentSize = readContentSize(view, contentAt, contentBytes);
  if (contentSize === undefined) {
    return { start, end, sizeBytes: blocks.mostBytes, isExact: false };
  }
  if (contentSize > blocks.mostBytes) {
    throw new InvalidChunkError(`zstd frame claims ${contentSize} bytes, its blocks hold at most ${blocks.mostBytes}`);
  }
  return { start, end, sizeBytes: contentSize, isExact: true };
}

function readContentSize(view: DataView, at: number, width: number): number | undefined {
  assertInside(view, at + width);
  switch (width) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}

function readBlocks(view: DataView, start: number): { readonly end: number; readonly mostBytes: number } {
  let at = start;
  let mostBytes = 0;
  for (let isLast = false; !isLast; ) {
    assertInside(view, at + 3);
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > maxBlockBytes) {
      throw new InvalidChunkError(`damaged zstd stream: block of type ${type} and ${size} bytes`);
    }
    isLast = (header & 1) === 1;
    at += 3 + (type === 1 ? 1 : size);
    mostBytes += type === 2 ? maxBlockBytes : size;
  }
  return { end: at, mostBytes };
}

function assertInside(view: DataView, end: number): void {
  if (end > view.byteLength) {
    throw new InvalidChunkError(`zstd stream is cut off: ${view.byteLength} bytes, at least ${end} expected`);
  }
}
