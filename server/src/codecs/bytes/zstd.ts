/** Zstandard (RFC 8878): files end in `.zstd`. By node:zlib where it can, else by the wasm library. */
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidChunkError, TooLargeError } from "../../errors.ts";
import { loadLibrary } from "../library.ts";
import type { ByteCodec, ByteCodecDescriptor } from "./byteCodec.ts";
import { nativeZstd } from "./zlib.ts";
import { readZstdFrames } from "./zstdFrames.ts";

/** Its functions throw a plain Error for anything that they cannot do. */
interface ZstdLibrary {
  readonly isLoaded: Promise<unknown>;
  decompress(bytes: Uint8Array, sizeBytes: number): Uint8Array;
  compress(bytes: Uint8Array, level: number): Uint8Array;
}

/** One frame after the other; `inflate` gets the bytes of a frame and the most that it can hold. */
function createDecompress(inflate: (frame: Uint8Array, sizeBytes: number) => Uint8Array): ByteCodec["decompress"] {
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
    return join(parts, used);
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
    throw new TooLargeError(`zstd stream expands to more than ${maxBytes} bytes`);
  }
}

function join(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    return first;
  }
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

const defaultLevel = 3;

async function load(): Promise<ByteCodec> {
  if (nativeZstd !== undefined) {
    const { inflate, deflate } = nativeZstd;
    return {
      decompress: createDecompress(inflate),
      async compress(bytes, { signal, level = defaultLevel } = {}) {
        throwIfAborted(signal);
        return deflate(bytes, level);
      },
    };
  }
  const library = loadLibrary<ZstdLibrary>("zstd");
  await library.isLoaded;
  return {
    decompress: createDecompress((frame, sizeBytes) => library.decompress(frame, sizeBytes)),
    async compress(bytes, { signal, level = defaultLevel } = {}) {
      throwIfAborted(signal);
      return library.compress(bytes, level);
    },
  };
}

export const zstdCodec: ByteCodecDescriptor = { name: "zstd", suffix: ".zstd", load };
