/**
 * Node's zlib with the engine's bounds and errors: every output has a limit, every failure is a typed error.
 *
 * The one door to node:zlib for codecs; the PNG codec inflates and deflates through it too.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { CompressOptions } from "./byteCodec.ts";
import { skipZeros } from "./gzipMember.ts";
import { expandsTooFar, joinParts, notAStream } from "./streams.ts";

/** What inflated bytes are for, in messages: "gzip", "png", "br". */
export interface InflateOptions {
  readonly what: string;
  readonly maxBytes: number;
  /** A guess of the output's size: it saves copies and is no limit. */
  readonly expectedBytes?: number;
}

/** Deflate expands at most 1032 times (RFC 1951: 258 bytes from 2 bits), so a claimed size beyond that is a lie. */
const maxDeflateRatio = 1032;

/** The content of a gzip file (RFC 1952) of one or more members; checks each CRC-32 and length. Zero padding may lie between and after them. */
export function inflateGzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let used = 0;
  let at = 0;
  do {
    const part = inflateMembers(bytes.subarray(at), maxBytes - used);
    parts.push(part.content);
    used += part.content.byteLength;
    at = skipZeros(bytes, at + part.consumed);
  } while (at < bytes.byteLength);
  return joinParts(parts);
}

/** Members up to the first padding: there zlib stops, whatever follows. */
function inflateMembers(bytes: Uint8Array, maxBytes: number): { content: Uint8Array; consumed: number } {
  if (bytes.byteLength < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    throw notAStream("gzip", bytes);
  }
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - 4, 4);
  const options = { what: "gzip", maxBytes, expectedBytes: trailer.getUint32(0, true) };
  let consumed = 0;
  const content = runBounded(bytes, options, (settings) => {
    const result = zlib.gunzipSync(bytes, withInfo(settings)) as unknown as Inflated;
    consumed = result.engine.bytesWritten;
    return result.buffer;
  });
  return { content, consumed };
}

/** The content of a zlib stream (RFC 1950); checks its Adler-32. Throws InvalidChunkError when bytes follow the stream. */
export function inflateZlib(bytes: Uint8Array, options: InflateOptions): Uint8Array {
  return runBounded(bytes, options, (settings) => {
    const result = zlib.inflateSync(bytes, withInfo(settings)) as unknown as Inflated;
    assertConsumed(result, bytes, options.what);
    return result.buffer;
  });
}

/** Where deflate looks for repetitions: everywhere; everywhere, but not for short ones, as filtered samples have by chance; in runs of one byte only. */
export type DeflateStrategy = "default" | "filtered" | "runs";

const strategies: Readonly<Record<DeflateStrategy, number>> = {
  default: zlib.constants.Z_DEFAULT_STRATEGY,
  filtered: zlib.constants.Z_FILTERED,
  runs: zlib.constants.Z_RLE,
};

/** A zlib stream of `bytes`. */
export function deflateZlib(bytes: Uint8Array, level: number, strategy: DeflateStrategy = "default"): Uint8Array {
  if (strategy === "default") {
    return plain(zlib.deflateSync(bytes, { level }));
  }
  // The largest hash table, and one output buffer, which what does not compress fits too.
  const settings = { level, strategy: strategies[strategy], memLevel: 9, chunkSize: bytes.byteLength + 4096 };
  const buffer = zlib.deflateSync(bytes, settings);
  return buffer.byteLength < bytes.byteLength / 2 ? new Uint8Array(buffer) : plain(buffer);
}

/** The content of a Brotli stream (RFC 7932). */
export function inflateBrotli(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const options = { what: "br", maxBytes, expectedBytes: bytes.byteLength * 8 };
  return runBounded(bytes, options, (settings) => {
    const result = zlib.brotliDecompressSync(bytes, withInfo(settings)) as unknown as Inflated;
    assertConsumed(result, bytes, "br");
    return result.buffer;
  });
}

const gzipAsync = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const brotliAsync = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);

/** A gzip file of `bytes`, made on a thread of the pool. The same bytes give the same file: its header has no time. */
export async function deflateGzip(bytes: Uint8Array, options: CompressOptions = {}): Promise<Uint8Array> {
  throwIfAborted(options.signal);
  return plain(await gzipAsync(bytes, { level: options.level ?? 9 }));
}

/** A Brotli stream of `bytes`, made on a thread of the pool. */
export async function deflateBrotli(bytes: Uint8Array, options: CompressOptions = {}): Promise<Uint8Array> {
  throwIfAborted(options.signal);
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: options.level ?? 5,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
  };
  return plain(await brotliAsync(bytes, { params }));
}

/** CRC-32 as of gzip and PNG, continued from `seed`. */
export const crc32: (bytes: Uint8Array, seed?: number) => number = zlib.crc32;

/** Zstandard of this Node, from 22.15 on; `inflate` throws for a frame that needs more than `sizeBytes`. */
export interface NativeZstd {
  inflate(frame: Uint8Array, sizeBytes: number): Uint8Array;
  deflate(bytes: Uint8Array, level: number): Promise<Uint8Array>;
}

/** What the types of older Nodes leave out. */
interface ZstdOfZlib {
  zstdDecompressSync?(bytes: Uint8Array, settings: Settings): Buffer;
  zstdCompress?(
    bytes: Uint8Array,
    settings: { readonly params: Readonly<Record<number, number>> },
    done: (error: Error | null, result: Buffer) => void,
  ): void;
}

/** Undefined where this Node has none. */
export const nativeZstd: NativeZstd | undefined = findNativeZstd(zlib as ZstdOfZlib);

function findNativeZstd({ zstdDecompressSync, zstdCompress }: ZstdOfZlib): NativeZstd | undefined {
  const levelParameter = (zlib.constants as Readonly<Record<string, number>>).ZSTD_c_compressionLevel;
  if (zstdDecompressSync === undefined || zstdCompress === undefined || levelParameter === undefined) {
    return undefined;
  }
  return {
    inflate: (frame, sizeBytes) =>
      plain(zstdDecompressSync(frame, { chunkSize: sizeBytes + 1024, maxOutputLength: Math.max(1, sizeBytes) })),
    deflate: async (bytes, level) =>
      plain(await promisify(zstdCompress)(bytes, { params: { [levelParameter]: level } })),
  };
}

/** What zlib's functions return with `info: true`; bytesWritten counts the input that was used. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

interface Settings {
  readonly chunkSize: number;
  readonly maxOutputLength: number;
}

function runBounded(bytes: Uint8Array, options: InflateOptions, run: (settings: Settings) => Buffer): Uint8Array {
  if (bytes.byteLength === 0) {
    throw notAStream(options.what, bytes);
  }
  const likely = Math.min(
    options.expectedBytes ?? options.maxBytes,
    options.maxBytes,
    bytes.byteLength * maxDeflateRatio,
  );
  try {
    // One output buffer a little larger than the result, so that zlib neither grows nor joins.
    const buffer = run({ chunkSize: Math.max(1024, likely + 64), maxOutputLength: Math.max(1, options.maxBytes) });
    if (buffer.byteLength > options.maxBytes) {
      throw expandsTooFar(options.what, options.maxBytes);
    }
    return plain(buffer);
  } catch (error) {
    throw translate(error, options);
  }
}

/** Node's types leave `info` out: with it the result is Inflated. */
function withInfo(settings: Settings): Settings {
  return Object.assign({ info: true }, settings);
}

function assertConsumed(result: Inflated, bytes: Uint8Array, what: string): void {
  if (result.engine.bytesWritten !== bytes.byteLength) {
    const extra = bytes.byteLength - result.engine.bytesWritten;
    throw new InvalidChunkError(`${extra} bytes follow the ${what} stream`);
  }
}

function translate(error: unknown, options: InflateOptions): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_BUFFER_TOO_LARGE") {
    return expandsTooFar(options.what, options.maxBytes, error);
  }
  if (code.startsWith("Z_") || code.startsWith("ERR__ERROR") || code.startsWith("ERR_BROTLI")) {
    return new InvalidChunkError(`damaged ${options.what} stream: ${(error as Error).message}`, {}, { cause: error });
  }
  return error;
}

/** The same bytes as a plain Uint8Array, without a copy. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
