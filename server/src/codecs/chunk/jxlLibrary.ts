/**
 * Runs libjxl, as the package `icodec` 0.6.0 compiles it: one wasm that encodes, one that decodes, SIMD, no threads.
 *
 * Each has one C++ function for JavaScript, registered through Emscripten's embind, for RGBA images only. It is called here by its C++
 * signature and not through embind's own code, which copies pixels byte by byte, works in globals and lets memory grow without bound:
 *
 *     decode  (result, string)
 *     encode  (result, string, width, height, options)    calls back with the file
 *     string  a libc++ std::string: u32 address, u32 size, u32 capacity | 1 << 31
 *
 * The call back is embind's `_emval_call`, whose last argument points at { u32 size, u32 address }. Both are patched: the encoder becomes one
 * of gray images without alpha by other constants, and the decoder leaves its last call, for the pixels of the first frame, to a function
 * here, which makes that call for each frame.
 */
import { InvalidChunkError, TooLargeError } from "../../errors.ts";
import { loadLibraryBytes } from "../library.ts";
import { attempt, createProgram, type Inside, type Names, type Patch } from "./jxlProgram.ts";

/** An image and the options of the encoder; all others as libjxl chooses. */
export interface JxlEncoding {
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly effort: number;
  readonly decodingSpeed: number;
}

/** What an image must have. */
export interface JxlFrames {
  readonly frames: number;
  /** Of each frame. */
  readonly pixels: number;
  /** Pixels are given as RGBA, or as one sample of gray: of gray images only, and cheaper. */
  readonly samples: 1 | 4;
}

/** Both programs; each is read and compiled at its first use. */
export interface JxlLibrary {
  /**
   * Calls `use` with the pixels of each frame, views that are valid until it returns. Throws InvalidChunkError unless there are so many frames, of
   * so many pixels.
   */
  decode(file: Uint8Array, expected: JxlFrames, use: (pixels: Uint8Array, frame: number) => void): void;
  /** The codestream of gray pixels. Throws TooLargeError when the memory does not suffice. */
  encode(pixels: Uint8Array, options: JxlEncoding): Uint8Array;
}

const decoder: Names = {
  ...{ memory: "x", table: "A", construct: "y", allocate: "B", free: "C" },
  ...{ stops: ["v", "q"], register: "i", callBack: "h", grow: "t", copy: "u", step: "j", proceed: "D" },
};
const encoder: Names = {
  ...{ memory: "D", table: "G", construct: "E", allocate: "H", free: "I" },
  ...{ stops: ["y", "r", "z"], register: "o", callBack: "l", grow: "u", copy: "x" },
};

/** What a decoder may take beyond what it has: five times the measured most, 12 bytes a pixel of the largest images. */
const decoderPixelBytes = 64;
const decoderSpareBytes = 48 << 20;
const encoderBytes = 2 ** 31;

const decoderPatches: readonly Patch[] = [
  // The second call of JxlDecoderProcessInput, function 346, calls import "j", number 9.
  [566_880, 0xda, 0x89],
  [566_881, 0x02, 0x00],
  // Export "D", a timer's function, is function 346.
  [1_120, 0xf3, 0xda],
];

const grayDecoderPatches: readonly Patch[] = [
  ...decoderPatches,
  // JxlPixelFormat.num_channels, 4: in the data.
  [888_237, 4, 1],
];

const encoderPatches: readonly Patch[] = [
  // JxlBasicInfo.num_color_channels, 3: the high byte of a 64-bit constant.
  [1_956_548, 0x30, 0x10],
  // JxlBasicInfo.num_extra_channels, 1: alpha.
  [1_956_686, 1, 0],
  // JxlColorEncodingSetToSRGB(is_gray), 0.
  [1_958_282, 0, 1],
  // JxlEncoderSetExtraChannelDistance, of the alpha that there is not: its failure, 1, is success.
  [1_960_092, 1, 0],
  // JxlPixelFormat.num_channels, 4: in the data.
  [2_448_369, 4, 1],
];

/** JxlDecoderStatus. */
const isDone = 0;
const needsBuffer = 5;
const hasFrame = 0x1000;
/** Fields of JxlDecoderStruct: the buffer of pixels is set (a byte), where it is, its size. */
const bufferSetAt = 152;
const bufferAt = 156;
const bufferBytesAt = 184;
/** The import that is called for a step takes error messages too: static data lies below, the decoder above. */
const staticEnd = 1 << 17;

/** Nothing is read or compiled before its first use. */
export function createJxlLibrary(): JxlLibrary {
  const loadDecoder = (): Uint8Array => loadLibraryBytes("jxl-dec.wasm");
  const decoders = {
    1: createProgram(loadDecoder, decoder, grayDecoderPatches),
    4: createProgram(loadDecoder, decoder, decoderPatches),
  };
  const encoding = createProgram(() => loadLibraryBytes("jxl-enc.wasm"), encoder, encoderPatches);
  return {
    decode(file, expected, use) {
      const growthBytes = decoderSpareBytes + expected.pixels * decoderPixelBytes;
      let isComplete = false;
      const step = (argument: number, inside: Inside): number => {
        isComplete = argument > staticEnd ? readFrames(argument, inside, expected, use) : isComplete;
        return isDone;
      };
      attempt(() => decoders[expected.samples].call(file, growthBytes, { step }));
      if (!isComplete) {
        throw new InvalidChunkError("JPEG XL image is damaged: it cannot be decoded");
      }
    },
    encode(pixels, options) {
      const { width, height } = options;
      const call = { values: [width, height], struct: writeOptions(options), use: (file: Uint8Array) => file.slice() };
      const file = attempt(() => encoding.call(pixels, encoderBytes, call));
      if (file === undefined) {
        throw new TooLargeError(`JPEG XL encoder has no memory for ${width} x ${height} pixels`);
      }
      return file;
    },
  };
}

/** Are there exactly so many frames? */
function readFrames(
  decoder: number,
  { memory, proceed }: Inside,
  { frames, pixels, samples }: JxlFrames,
  use: (pixels: Uint8Array, frame: number) => void,
): boolean {
  for (let frame = 0; frame < frames; frame++) {
    let status = proceed(decoder);
    if (frame > 0 && status === needsBuffer) {
      new Uint8Array(memory.buffer)[decoder + bufferSetAt] = 1;
      status = proceed(decoder);
    }
    if (status !== hasFrame) {
      return false;
    }
    const view = new DataView(memory.buffer, decoder);
    // It always has room for RGBA.
    const found = view.getUint32(bufferBytesAt, true) / 4;
    if (found !== pixels) {
      throw new InvalidChunkError(`JPEG XL image decodes to ${found} pixels, expected ${pixels}`);
    }
    use(new Uint8Array(memory.buffer, view.getUint32(bufferAt, true), pixels * samples), frame);
  }
  return frames === 1 || proceed(decoder) === isDone;
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
