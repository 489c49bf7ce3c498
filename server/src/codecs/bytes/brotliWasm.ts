/** Brotli (RFC 7932) by brotli-wasm, for where there is no node:zlib. */
import { InvalidChunkError } from "../../errors.ts";
import { type ByteCodec, createByteCodec } from "./byteCodec.ts";
import { cutOff, expandsTooFar, joinParts, notAStream } from "./streams.ts";

/** What is used of the package once it is initialized. */
export interface BrotliLibrary {
  readonly DecompressStream: new () => BrotliStream;
  readonly BrotliStreamResultCode: { readonly ResultSuccess: number; readonly NeedsMoreInput: number };
  compress(bytes: Uint8Array, options: { readonly quality: number }): Uint8Array;
}

interface BrotliStream {
  /** Throws for a damaged stream. */
  decompress(input: Uint8Array, outputBytes: number): BrotliResult;
  free(): void;
}

interface BrotliResult {
  readonly buf: Uint8Array;
  readonly code: number;
  /** Input that was used. */
  readonly input_offset: number;
  free(): void;
}

const leastRoom = 16_384;

export function createBrotliWasm(library: BrotliLibrary): ByteCodec {
  return createByteCodec(
    (bytes, maxBytes) => {
      if (bytes.byteLength === 0) {
        throw notAStream("br", bytes);
      }
      const stream = new library.DecompressStream();
      try {
        return joinParts(decompress(library, stream, bytes, maxBytes));
      } finally {
        stream.free();
      }
    },
    (bytes, level = 5) => library.compress(bytes, { quality: level }),
  );
}

function decompress(library: BrotliLibrary, stream: BrotliStream, bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const { ResultSuccess, NeedsMoreInput } = library.BrotliStreamResultCode;
  const parts: Uint8Array[] = [];
  let used = 0;
  let at = 0;
  while (true) {
    // One byte more than is allowed shows that a stream goes on.
    const room = Math.min(maxBytes - used + 1, Math.max(leastRoom, 4 * bytes.byteLength, used));
    const { code, consumed, content } = step(stream, bytes.subarray(at), room);
    at += consumed;
    used += content.byteLength;
    parts.push(content);
    if (used > maxBytes) {
      throw expandsTooFar("br", maxBytes);
    }
    if (code === ResultSuccess) {
      if (at !== bytes.byteLength) {
        throw new InvalidChunkError(`${bytes.byteLength - at} bytes follow the br stream`);
      }
      return parts;
    }
    if (code === NeedsMoreInput) {
      throw cutOff("br");
    }
  }
}

function step(
  stream: BrotliStream,
  input: Uint8Array,
  room: number,
): { readonly code: number; readonly consumed: number; readonly content: Uint8Array } {
  let result: BrotliResult;
  try {
    result = stream.decompress(input, room);
  } catch (error) {
    throw new InvalidChunkError(`damaged br stream: ${String(error)}`, {}, { cause: error });
  }
  const { code, input_offset: consumed, buf: content } = result;
  result.free();
  return { code, consumed, content };
}
