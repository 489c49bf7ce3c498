/**
 * .xz files (LZMA2): decompressed by the wasm library, compressed by our own encoder.
 *
 * The library offers a stream; its wasm instance, which the stream keeps, decodes at once, and that is what is used here. A context of it is:
 *   u32[8] = bytes of each buffer, input address, input position, input size, output address, output position, output size
 */
import { InvalidChunkError } from "../../errors.ts";
import { type ByteCodec, createByteCodec } from "./byteCodec.ts";
import { expandsTooFar, joinParts, notAStream } from "./streams.ts";
import { encodeXz } from "./xzEncode.ts";

/** The package xz-decompress. */
export interface XzLibrary {
  readonly XzReadableStream: {
    _getModuleInstance(): Promise<void>;
    readonly _moduleInstance: { readonly exports: XzExports };
  };
}

interface XzExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Address of a new context; 0 or less when there is no memory for it. */
  create_context(): number;
  destroy_context(context: number): void;
  supply_input(context: number, sizeBytes: number): void;
  get_next_output(context: number): number;
}

enum Field {
  BufferBytes = 0,
  Input = 1,
  InputPosition = 2,
  InputBytes = 3,
  Output = 4,
  OutputPosition = 5,
}

const noBytes = new Uint8Array(0);
/** xz-embedded's results; all others are failures. */
const resultOk = 0;
const resultStreamEnd = 1;
const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

function decompress(library: XzExports, bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let rest = bytes;
  let used = 0;
  do {
    if (!magic.every((byte, i) => rest[i] === byte)) {
      throw notAStream("xz", rest);
    }
    const stream = decompressStream(library, rest, maxBytes - used);
    parts.push(...stream.parts);
    used += stream.sizeBytes;
    rest = withoutPadding(rest.subarray(stream.consumed));
  } while (rest.byteLength > 0);
  return joinParts(parts);
}

/** Streams may be followed by a multiple of four zero bytes (.xz format, section 2.2). */
function withoutPadding(rest: Uint8Array): Uint8Array {
  const first = rest.findIndex((byte) => byte !== 0);
  const padding = first < 0 ? rest.byteLength : first;
  if (padding % 4 !== 0) {
    throw new InvalidChunkError(`${padding} zero bytes follow the xz stream, not a multiple of 4`);
  }
  return rest.subarray(padding);
}

interface Stream {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly consumed: number;
}

function decompressStream(library: XzExports, bytes: Uint8Array, maxBytes: number): Stream {
  const context = library.create_context();
  const fields = (): Uint32Array => new Uint32Array(library.memory.buffer, context, 8);
  const field = (index: Field): number => fields()[index] ?? 0;
  const parts: Uint8Array[] = [];
  let supplied = 0;
  let sizeBytes = 0;
  try {
    // The decoder may have output left when it has read everything, so only a step without input and output means that more is missing.
    for (let isStalled = false; ; ) {
      const isHungry = field(Field.InputPosition) === field(Field.InputBytes);
      const input = isHungry ? bytes.subarray(supplied, supplied + field(Field.BufferBytes)) : noBytes;
      if (isHungry) {
        supply(library, context, input);
        supplied += input.byteLength;
      }
      const result = library.get_next_output(context);
      const produced = field(Field.OutputPosition);
      if (
        (result !== resultOk && result !== resultStreamEnd) ||
        (isStalled && produced === 0 && input.byteLength === 0)
      ) {
        throw new InvalidChunkError(
          `xz stream is ${isStalled ? "cut off" : "damaged"}: code ${result} after ${supplied} of ${bytes.byteLength} bytes`,
        );
      }
      sizeBytes += produced;
      if (sizeBytes > maxBytes) {
        throw expandsTooFar("xz", maxBytes);
      }
      parts.push(new Uint8Array(library.memory.buffer, field(Field.Output), produced).slice());
      fields()[Field.OutputPosition] = 0;
      if (result === resultStreamEnd) {
        const unread = field(Field.InputBytes) - field(Field.InputPosition);
        return { parts, sizeBytes, consumed: supplied - unread };
      }
      isStalled = isHungry && input.byteLength === 0 && produced === 0;
    }
  } finally {
    library.destroy_context(context);
  }
}

function supply(library: XzExports, context: number, input: Uint8Array): void {
  const address = new Uint32Array(library.memory.buffer, context, 8)[Field.Input] ?? 0;
  new Uint8Array(library.memory.buffer, address, input.byteLength).set(input);
  library.supply_input(context, input.byteLength);
}

export async function createXz({ XzReadableStream }: XzLibrary): Promise<ByteCodec> {
  await XzReadableStream._getModuleInstance();
  const { exports } = XzReadableStream._moduleInstance;
  return createByteCodec(
    (bytes, maxBytes) => decompress(exports, bytes, maxBytes),
    (bytes, level = 6) => encodeXz(bytes, level),
  );
}
