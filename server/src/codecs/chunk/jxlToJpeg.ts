/**
 * The JPEG file that a JPEG XL container was made of, byte by byte: by libjxl, as the package `@jsquash/jxl` 1.3.0 compiles it.
 *
 * That of `icodec`, which decodes pixels, is compiled without. The program is run as jxlLibrary.ts runs those; its first call of
 * JxlDecoderProcessInput is left to a function here, which asks for the file and never comes to pixels.
 */
import { UnsupportedError } from "../../errors.ts";
import { loadLibraryBytes } from "../library.ts";
import { isContainer, readBoxes, readJxlHeader } from "./jxlHeader.ts";
import { attempt, createProgram, type Inside, type Names, type Patch } from "./jxlProgram.ts";

const names: Names = {
  ...{ memory: "w", table: "C", construct: "x", allocate: "y", free: "z", proceed: "D" },
  ...{ stops: ["a", "b", "o"], register: "j", callBack: "h", grow: "r", copy: "u", step: "t" },
};

const patches: readonly Patch[] = [
  // The first call of JxlDecoderProcessInput, function 154, calls import "t", number 19.
  [668_697, 0x9a, 0x93],
  [668_698, 0x01, 0x00],
  // Export "D" is function 154.
  [1143, 0xdd, 0x9a],
  [1144, 0x02, 0x01],
];

/** JxlDecoderStatus, and the events to ask for: basic information, colours, frames, and the file. */
const isDone = 0;
const needsOutput = 6;
const hasHeader = 0x40;
const hasColors = 0x100;
const hasFrame = 0x1000;
const hasFile = 0x2000;
/** Fields of JxlDecoderStruct: events, events at the start; where output goes, and how many bytes there are for it. */
const eventsAt = [788, 792];
const outputAt = 2648;
const outputBytesAt = 2652;

/** Chunks are smaller; more than the program takes for each of their pixels, in three channels and with what it decodes from. */
const mostPixels = 2 ** 25;
const pixelBytes = 24;
const spareBytes = 64 << 20;
const mostOutputBytes = 128 << 20;

/** Makes JPEG files again. */
export interface JpegReconstruction {
  /**
   * The file; undefined when the container does not say how it was, or is damaged within. Throws InvalidChunkError for what is no JPEG XL,
   * UnsupportedError when the file is too large.
   */
  reconstruct(container: Uint8Array): Uint8Array | undefined;
}

/** Nothing is read or compiled before its first use. */
export function createJpegReconstruction(): JpegReconstruction {
  const program = createProgram(() => loadLibraryBytes("jxl_dec.wasm"), names, patches);
  return {
    reconstruct(container) {
      if (!hasReconstruction(container)) {
        return undefined;
      }
      let file: Uint8Array | undefined;
      const step = (decoder: number, inside: Inside): number => {
        file = readFile(decoder, inside, 2 * container.byteLength + 65_536);
        return isDone;
      };
      const { width, height } = readJxlHeader(container);
      if (width * height > mostPixels) {
        throw tooLarge();
      }
      attempt(() => program.call(container, spareBytes + pixelBytes * width * height, { step }));
      return file;
    },
  };
}

function hasReconstruction(container: Uint8Array): boolean {
  return isContainer(container) && [...readBoxes(container)].some(({ type }) => type === "jbrd");
}

/** The file; more memory is tried while there is too little for it. */
function readFile(decoder: number, inside: Inside, firstBytes: number): Uint8Array | undefined {
  const { memory, proceed } = inside;
  const view = (): DataView => new DataView(memory.buffer, decoder);
  for (const at of eventsAt) {
    view().setUint32(at, hasHeader | hasColors | hasFrame | hasFile, true);
  }
  let status = proceed(decoder);
  while (status === hasHeader || status === hasColors) {
    status = proceed(decoder);
  }
  if (status !== hasFile) {
    return undefined;
  }
  for (let sizeBytes = firstBytes; ; sizeBytes *= 4) {
    if (sizeBytes > mostOutputBytes) {
      throw tooLarge();
    }
    const output = inside.allocate(sizeBytes);
    view().setUint32(outputAt, output, true);
    view().setUint32(outputBytesAt, sizeBytes, true);
    for (status = proceed(decoder); status === hasHeader || status === hasColors; ) {
      status = proceed(decoder);
    }
    const used = sizeBytes - view().getUint32(outputBytesAt, true);
    const file = status === hasFrame ? new Uint8Array(memory.buffer, output, used).slice() : undefined;
    inside.free(output);
    if (status !== needsOutput) {
      return file;
    }
  }
}

function tooLarge(): UnsupportedError {
  return new UnsupportedError("the JPEG file that a chunk was made of is too large to be made again");
}
