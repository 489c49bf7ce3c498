/** bzip2 streams: decompressed by the wasm library, compressed by our own encoder. */
import { InvalidChunkError, TooLargeError } from "../../errors.ts";
import { type ByteCodec, createByteCodec } from "./byteCodec.ts";
import { encodeBzip2 } from "./bzip2Encode.ts";
import { joinParts, notAStream } from "./streams.ts";

interface Bzip2 {
  /** The first stream in `bytes`. Throws an Error whose text names the library's code. */
  decompress(bytes: Uint8Array, sizeBytes: number): Uint8Array;
}

/** The package @foxglove/wasm-bz2, however its default export arrives. */
export interface Bzip2Library extends Partial<Bzip2Factory> {
  readonly default?: Bzip2Factory;
}

interface Bzip2Factory {
  init(): Promise<Bzip2>;
}

/** A stream begins with "BZh", its level, and the magic number of a block (pi), or of the end (its root) when it is empty. */
const streamStart = [0x42, 0x5a, 0x68];
const blockMagic = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const endMagic = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

function createDecompress(library: Bzip2): ByteCodec["decompress"] {
  return (bytes, maxBytes) => {
    const starts = findStreams(bytes);
    if (starts[0] !== 0) {
      throw notAStream("bzip2", bytes);
    }
    const parts: Uint8Array[] = [];
    let used = 0;
    for (const [index, start] of starts.entries()) {
      const stream = bytes.subarray(start, starts[index + 1]);
      if (!endsWithEnd(stream)) {
        throw new InvalidChunkError("bzip2 stream is cut off, or other bytes follow it");
      }
      const part = inflate(library, stream, maxBytes - used);
      parts.push(part);
      used += part.byteLength;
    }
    return joinParts(parts);
  };
}

/** Where streams begin: a file may hold several, one after the other, and the library stops after the first. */
function findStreams(bytes: Uint8Array): readonly number[] {
  const starts: number[] = [];
  const hasAt = (at: number, wanted: readonly number[]): boolean => wanted.every((byte, i) => bytes[at + i] === byte);
  for (let at = bytes.indexOf(0x42); at >= 0; at = bytes.indexOf(0x42, at + 1)) {
    if (hasAt(at, streamStart) && (hasAt(at + 4, blockMagic) || hasAt(at + 4, endMagic))) {
      starts.push(at);
    }
  }
  return starts;
}

/** A stream ends, after 0 to 7 bits of padding, with the end's magic number and a checksum of 32 bits. */
function endsWithEnd(stream: Uint8Array): boolean {
  const tail = stream.subarray(-11);
  const bits = [...tail].reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const magic = BigInt(`0x${endMagic.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].some((padding) => ((bits >> (padding + 32n)) & 0xffffffffffffn) === magic);
}

/** The format does not say how much it holds, so the room grows until it suffices. */
function inflate(library: Bzip2, stream: Uint8Array, maxBytes: number): Uint8Array {
  let room = Math.min(maxBytes, Math.max(65_536, stream.byteLength * 8));
  while (true) {
    try {
      return library.decompress(stream, Math.max(room, 1));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!message.includes("BZ_OUTBUFF_FULL")) {
        throw new InvalidChunkError(`damaged bzip2 stream: ${message}`, {}, { cause: error });
      }
      if (room >= maxBytes) {
        throw new TooLargeError(`bzip2 stream expands to more than ${maxBytes} bytes`, {}, { cause: error });
      }
      room = Math.min(maxBytes, room * 8);
    }
  }
}

export async function createBzip2(library: Bzip2Library): Promise<ByteCodec> {
  // One of the two has it.
  const factory = library.default ?? (library as Bzip2Factory);
  const decompress = createDecompress(await factory.init());
  return createByteCodec(decompress, (bytes, level = 9) => encodeBzip2(bytes, level));
}
