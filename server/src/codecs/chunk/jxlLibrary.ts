/**
 * Runs libjxl, as the package `icodec` 0.6.0 compiles it: one wasm that encodes, one that decodes, SIMD, no threads.
 *
 * Each has one C++ function for JavaScript, registered through Emscripten's embind, for RGBA images only. It is called here by its C++
 * signature and not through embind's own code, which copies pixels byte by byte, works in globals and lets memory grow without bound:
 *
 *     decode  (result, string)                            calls back with its pixels, RGBA
 *     encode  (result, string, width, height, options)    calls back with the file
 *     string  a libc++ std::string: u32 address, u32 size, u32 capacity | 1 << 31
 *
 * The call back is embind's `_emval_call`, whose last argument points at { u32 size, u32 address }. The encoder becomes one of gray or
 * RGB images without alpha by five bytes of it that are other constants (`encoderPatches`).
 */
import { InternalError, InvalidChunkError, TooLargeError } from "../../errors.ts";
import { loadLibraryBytes } from "../library.ts";
import { createProgram, type Names, ProgramStopped } from "./jxlProgram.ts";

/** An image and the options of the encoder; all others as libjxl chooses. */
export interface JxlEncoding {
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly effort: number;
  readonly decodingSpeed: number;
}

/** Both programs; each is read and compiled at its first use. */
export interface JxlLibrary {
  /** Calls `use` with the RGBA pixels, a view that is valid until it returns. Throws InvalidChunkError when there are none. */
  decode<T>(file: Uint8Array, pixels: number, use: (rgba: Uint8Array) => T): T;
  /** The codestream of interleaved pixels of one channel or three. Throws TooLargeError when the memory does not suffice. */
  encode(pixels: Uint8Array, channels: 1 | 3, options: JxlEncoding): Uint8Array;
}

const decoder: Names = {
  ...{ memory: "x", table: "A", construct: "y", allocate: "B", free: "C" },
  ...{ stops: ["v", "q"], register: "i", callBack: "h", grow: "t", copy: "u" },
};
const encoder: Names = {
  ...{ memory: "D", table: "G", construct: "E", allocate: "H", free: "I" },
  ...{ stops: ["y", "r", "z"], register: "o", callBack: "l", grow: "u", copy: "x" },
};

/** What a decoder may take beyond what it has: some times the measured most, 13 to 60 bytes a pixel. */
const decoderPixelBytes = 160;
const decoderSpareBytes = 64 << 20;
const encoderBytes = 2 ** 31;

/** The bytes of the encoder's function that are other constants here: where, what is there, what for one channel, what for three. */
const encoderPatches: readonly (readonly [at: number, found: number, gray: number, rgb: number])[] = [
  // JxlBasicInfo.num_color_channels, 3: the high byte of a 64-bit constant.
  [1_956_548, 0x30, 0x10, 0x30],
  // JxlBasicInfo.num_extra_channels, 1: alpha.
  [1_956_686, 1, 0, 0],
  // JxlColorEncodingSetToSRGB(is_gray), 0.
  [1_958_282, 0, 1, 0],
  // JxlEncoderSetExtraChannelDistance, of the alpha that there is not: its failure, 1, is success.
  [1_960_092, 1, 0, 0],
  // JxlPixelFormat.num_channels, 4: in the data.
  [2_448_369, 4, 1, 3],
];

/** Nothing is read or compiled before its first use. */
export function createJxlLibrary(): JxlLibrary {
  const decode = createProgram(() => loadLibraryBytes("jxl-dec.wasm"), decoder);
  const encoders = {
    1: createProgram(() => patchedEncoder(1), encoder),
    3: createProgram(() => patchedEncoder(3), encoder),
  };
  return {
    decode(file, pixels, use) {
      const growthBytes = decoderSpareBytes + pixels * decoderPixelBytes;
      const result = attempt(() => decode.call(file, growthBytes, { use: (rgba) => ({ value: use(rgba) }) }));
      if (result === undefined) {
        throw new InvalidChunkError("JPEG XL image is damaged: it cannot be decoded");
      }
      return result.value;
    },
    encode(pixels, channels, options) {
      const { width, height } = options;
      const call = { values: [width, height], struct: writeOptions(options), use: (file: Uint8Array) => file.slice() };
      const file = attempt(() => encoders[channels].call(pixels, encoderBytes, call));
      if (file === undefined) {
        throw new TooLargeError(`JPEG XL encoder has no memory for ${width} x ${height} pixels`);
      }
      return file;
    },
  };
}

/** A program that traps or stops has no result; that is its way with what it cannot allocate. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof ProgramStopped || (error instanceof Error && error.name === "RuntimeError")) {
      return undefined;
    }
    throw error;
  }
}

/** The options as `icodec` declares them; -1 = as libjxl chooses. */
function writeOptions({ quality, effort, decodingSpeed }: JxlEncoding): Uint8Array {
  const view = new DataView(new ArrayBuffer(76));
  for (const at of [16, 20, 24, 36, 40, 44, 48, 56, 64, 68]) {
    view.setInt32(at, -1, true);
  }
  view.setUint8(0, quality >= 100 ? 1 : 0);
  view.setFloat32(4, quality, true);
  view.setInt32(12, effort, true);
  view.setInt32(28, decodingSpeed, true);
  view.setFloat32(60, -1, true);
  view.setInt32(72, 8, true);
  return new Uint8Array(view.buffer);
}

function patchedEncoder(channels: 1 | 3): Uint8Array<ArrayBuffer> {
  const bytes = loadLibraryBytes("jxl-enc.wasm");
  for (const [at, found, gray, rgb] of encoderPatches) {
    if (bytes[at] !== found) {
      throw new InternalError(`the JPEG XL encoder is another than the one that is known: byte ${at}`);
    }
    bytes[at] = channels === 1 ? gray : rgb;
  }
  return bytes;
}
