/**
 * jpeg: the chunk as one image, X wide and Y·Z high, gray for one channel, RGB for three. Lossy; uint8 only.
 *
 * Pixels in row-major order are the voxels in Fortran order, so an image of any other shape with as many pixels is read as well.
 * Differs from CloudVolume for three channels: it reads the interleaved samples as if they were planar.
 */
import { product } from "../../base/vec3.ts";
import { InternalError, InvalidChunkError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codec.ts";
import { loadLibrary, loadLibraryModule } from "../library.ts";
import { scatterKernel, writeVoxels } from "../target.ts";
import { planarize } from "./interleave.ts";
import { decodeGrayJpeg, decodeScratchBytes, jpegDecodeKernel } from "./jpegDecoder.ts";
import { encodeJpeg, encodeScratchBytes, jpegKernel } from "./jpegEncoder.ts";
import { readJpegFrame } from "./jpegMarkers.ts";

/**
 * The class of the wasm library that is used: buffers are views of its memory, valid until the next call; failures are thrown numbers.
 * Its encoder is not used: it writes beyond its buffer when a file is larger than its pixels, as small and noisy ones are.
 */
interface JpegLibrary {
  readonly JPEGDecoder?: new () => JpegDecoder;
}

/** Emscripten's options: the library adds its exports to the same object. */
interface LibraryOptions extends JpegLibrary {
  instantiateWasm(imports: WasmImports, receive: (instance: WebAssembly.Instance) => void): WebAssembly.Exports;
}
type WasmImports = Record<string, Record<string, unknown>>;

interface JpegDecoder {
  getEncodedBuffer(sizeBytes: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
}

/** The library loses a little of its stack with each failure: one instance dies of some thousand damaged chunks. */
const mostFailures = 100;

function createJpegCodec(createDecoder: () => JpegDecoder): ChunkCodec {
  let decoder: JpegDecoder | undefined;
  let failures = 0;
  return {
    decode(encoded, chunk, target) {
      if (decodeGrayJpeg(encoded, chunk, target)) {
        return;
      }
      assertPromised(encoded, chunk);
      decoder ??= createDecoder();
      try {
        const pixels = decodeImage(decoder, encoded, product(chunk.size) * chunk.channels);
        writeVoxels(chunk.channels === 1 ? pixels : planarize(pixels, chunk), chunk, target);
      } catch (error) {
        // A number is a C++ exception; anything else may have left the library in any state.
        const isOrderly = error instanceof InvalidChunkError && typeof error.cause === "number";
        failures++;
        if (!isOrderly || failures >= mostFailures) {
          decoder = undefined;
          failures = 0;
        }
        throw error;
      }
    },
    encode: encodeJpeg,
    decodeScratchBytes,
    encodeScratchBytes,
  };
}

/** Checks what the header claims before anything is allocated for it. */
function assertPromised(encoded: Uint8Array, chunk: ChunkDescription): void {
  const { width, height, components, precision } = readJpegFrame(encoded);
  const voxels = product(chunk.size);
  if (width * height !== voxels || components !== chunk.channels || precision !== 8) {
    const found = `${width} x ${height} pixels of ${components} components, ${precision} bits`;
    const expected = `${chunk.size[0]} x ${chunk.size[1] * chunk.size[2]} pixels of ${chunk.channels} components, 8 bits`;
    throw new InvalidChunkError(`JPEG image has ${found}, expected ${expected}`);
  }
}

function decodeImage(decoder: JpegDecoder, encoded: Uint8Array, expectedBytes: number): Uint8Array {
  let pixels: Uint8Array;
  try {
    decoder.getEncodedBuffer(encoded.byteLength).set(encoded);
    decoder.decode();
    pixels = decoder.getDecodedBuffer();
  } catch (error) {
    throw new InvalidChunkError(
      "JPEG image is damaged: its entropy-coded data cannot be decoded",
      {},
      { cause: error },
    );
  }
  if (pixels.byteLength !== expectedBytes) {
    throw new InvalidChunkError(`JPEG image decodes to ${pixels.byteLength} bytes, expected ${expectedBytes}`);
  }
  return pixels;
}

async function load(): Promise<ChunkCodec> {
  return createJpegCodec(() => {
    const start = loadLibrary<(options: LibraryOptions) => Promise<unknown>>("jpeg");
    const module = loadLibraryModule("libjpegturbowasm_decode.wasm");
    // Without anything to wait for, the library is ready when its start function returns; its promise says no more.
    const options: LibraryOptions = {
      instantiateWasm(imports, receive) {
        const instance = new WebAssembly.Instance(module, imports);
        receive(instance);
        return instance.exports;
      },
    };
    start(options).catch(() => undefined);
    if (options.JPEGDecoder === undefined) {
      throw new InternalError("the JPEG library did not start");
    }
    return new options.JPEGDecoder();
  });
}

/** uint8, one channel or three; reads baseline and progressive, any chroma subsampling, restart intervals. */
export const jpegCodec: CodecDescriptor = {
  name: "jpeg",
  dtypes: ["uint8"],
  channels: [1, 3],
  contentType: "image/jpeg",
  lossy: true,
  kernels: [scatterKernel, jpegKernel, jpegDecodeKernel],
  load,
};
