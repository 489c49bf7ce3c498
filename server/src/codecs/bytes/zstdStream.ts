/** Zstandard streams (RFC 8878) of several frames, with or without a content size, by whatever decodes a frame. */
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ByteCodec } from "./byteCodec.ts";
import { expandsTooFar, joinParts } from "./streams.ts";
import { readZstdFrames } from "./zstdFrames.ts";

/** What decodes and makes frames. */
export interface ZstdFunctions {
  /** The content of one frame; throws when it is damaged or needs more than `sizeBytes`. */
  inflate(frame: Uint8Array, sizeBytes: number): Uint8Array;
  deflate(bytes: Uint8Array, level: number): Uint8Array | Promise<Uint8Array>;
}

/** The package @foxglove/wasm-zstd; its functions throw a plain Error for anything that they cannot do. */
export interface ZstdLibrary {
  readonly isLoaded: Promise<unknown>;
  decompress(bytes: Uint8Array, sizeBytes: number): Uint8Array;
  compress(bytes: Uint8Array, level: number): Uint8Array;
}

const defaultLevel = 3;

export function createZstd({ inflate, deflate }: ZstdFunctions): ByteCodec {
  return {
    decompress: createDecompress(inflate),
    async compress(bytes, { signal, level = defaultLevel } = {}) {
      throwIfAborted(signal);
      return deflate(bytes, level);
    },
  };
}

/** Zstandard by the wasm library. */
export async function createZstdWasm(library: ZstdLibrary): Promise<ByteCodec> {
  await library.isLoaded;
  return createZstd({
    inflate: (frame, sizeBytes) => library.decompress(frame, sizeBytes),
    deflate: (bytes, level) => library.compress(bytes, level),
  });
}

/** One frame after the other; `inflate` gets the bytes of a frame and the most that it can hold. */
function createDecompress(inflate: ZstdFunctions["inflate"]): ByteCodec["decompress"] {
  return (bytes, maxBytes) => {
    const frames = readZstdFrames(bytes);
    const exactBytes = frames.reduce((sum, frame) => sum + (frame.isExact ? frame.sizeBytes : 0), 0);
    const parts: Uint8Array[] = [];
    let used = 0;
    assertFits(exactBytes, maxBytes);
    for (const { start, end, sizeBytes, isExact } of frames) {
      // One byte beyond the limit, so that a frame of unknown size shows that it goes on.
      const room = Math.min(sizeBytes, maxBytes - used + 1);
      const part = inflateFrame(bytes.subarray(start, end), room, room < sizeBytes, inflate, maxBytes);
      if (isExact && part.byteLength !== sizeBytes) {
        throw new InvalidChunkError(`zstd frame claims ${sizeBytes} bytes and holds ${part.byteLength}`);
      }
      parts.push(part);
      used += part.byteLength;
      assertFits(used, maxBytes);
    }
    return joinParts(parts);
  };
}

function inflateFrame(
  frame: Uint8Array,
  room: number,
  isLimited: boolean,
  inflate: (frame: Uint8Array, sizeBytes: number) => Uint8Array,
  maxBytes: number,
): Uint8Array {
  try {
    return inflate(frame, room);
  } catch (error) {
    const orLarger = isLimited ? ` or expands to more than ${maxBytes} bytes` : "";
    throw new InvalidChunkError(`zstd stream is damaged${orLarger}`, {}, { cause: error });
  }
}

function assertFits(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes > maxBytes) {
    throw expandsTooFar("zstd", maxBytes);
  }
}
