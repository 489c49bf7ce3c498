/**
 * draco: triangle meshes, decoded by its own library in wasm.
 *
 * The library believes what a stream says of its size. So the counts are read first (dracoHeader.ts) and held against the bytes there are
 * and against the caller's limit; the library's memory has a maximum, and its instance does not outlive a trap or a want of memory.
 */
import { InvalidChunkError, TooLargeError } from "../errors.ts";
import { readDracoCounts } from "./dracoHeader.ts";
import { loadLibrary, loadLibraryBytes } from "./library.ts";

/** A mesh in the order of its stream; memory of its own. */
export interface DracoMesh {
  /** x, y, z of each point, of the type that the stream has: integers where positions are on a grid, as in multi-resolution fragments. */
  readonly positions: Float32Array | Int32Array | Uint32Array;
  /** Three points for each face, all of them there. */
  readonly indices: Uint32Array;
}

export interface DracoDecoder {
  /**
   * Throws InvalidChunkError for what is no whole draco mesh with positions, and TooLargeError where positions and indices take more than
   * `maxBytes` (default 256 MiB).
   */
  decode(bytes: Uint8Array, options?: { readonly maxBytes?: number }): Promise<DracoMesh>;
}

/** What is used of the library. */
interface Library {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPU32: Uint32Array;
  readonly HEAPF32: Float32Array;
  readonly Decoder: new () => LibraryDecoder;
  readonly Mesh: new () => LibraryMesh;
  readonly POSITION: number;
  readonly DT_INT32: number;
  readonly DT_UINT32: number;
  readonly DT_FLOAT32: number;
  readonly DT_FLOAT64: number;
  readonly DT_UINT8: number;
  readonly DT_UINT16: number;
  _malloc(sizeBytes: number): number;
  _free(pointer: number): void;
  destroy(object: object): void;
}

interface LibraryMesh {
  num_faces(): number;
  num_points(): number;
}

interface LibraryAttribute {
  num_components(): number;
  data_type(): number;
}

interface LibraryDecoder {
  DecodeArrayToMesh(bytes: Uint8Array, sizeBytes: number, mesh: LibraryMesh): { ok(): boolean; error_msg(): string };
  GetAttributeId(mesh: LibraryMesh, type: number): number;
  GetAttribute(mesh: LibraryMesh, id: number): LibraryAttribute;
  GetAttributeDataArrayForAllPoints(
    mesh: LibraryMesh,
    attribute: LibraryAttribute,
    type: number,
    sizeBytes: number,
    pointer: number,
  ): boolean;
  GetTrianglesUInt32Array(mesh: LibraryMesh, sizeBytes: number, pointer: number): boolean;
}

type Factory = (options: {
  instantiateWasm(
    imports: ConstructorParameters<typeof WebAssembly.Instance>[1],
    done: (instance: WebAssembly.Instance) => void,
  ): object;
  printErr(text: string): void;
}) => Promise<Library>;

const defaultMaxBytes = 2 ** 28;
/** Faces take about 80 bytes in the library's memory. */
const mostMemoryPages = (512 * 2 ** 20) / 65_536;
/** An instance whose memory grew beyond this is not kept. */
const keptMemoryBytes = 64 * 2 ** 20;

/** A decoder that loads the library at its first use. */
export function createDracoDecoder(): DracoDecoder {
  let module: WebAssembly.Module | undefined;
  let idle: Library | undefined;

  async function takeLibrary(): Promise<Library> {
    const kept = idle;
    idle = undefined;
    if (kept !== undefined) {
      return kept;
    }
    module ??= new WebAssembly.Module(limitMemory(loadLibraryBytes("draco_decoder.wasm"), mostMemoryPages));
    const compiled = module;
    return loadLibrary<Factory>("draco")({
      instantiateWasm(imports, done) {
        const instance = new WebAssembly.Instance(compiled, imports);
        done(instance);
        return instance.exports;
      },
      printErr: () => undefined,
    });
  }

  return {
    async decode(bytes, { maxBytes = defaultMaxBytes } = {}) {
      checkSize(readDracoCounts(bytes), maxBytes);
      const library = await takeLibrary();
      const { isSound, result } = decodeWith(library, bytes, maxBytes);
      if (isSound && library.HEAPU8.byteLength <= keptMemoryBytes) {
        idle = library;
      }
      if (result instanceof Error) {
        throw result;
      }
      return result;
    },
  };
}

function checkSize({ faces, points }: { readonly faces: number; readonly points: number }, maxBytes: number): void {
  if (12 * (faces + points) > maxBytes) {
    throw new TooLargeError(`draco mesh of ${faces} faces and ${points} points is larger than ${maxBytes} bytes`);
  }
}

/** The mesh, or why there is none, and whether the instance may decode another one: not after a trap, an abort or want of memory. */
function decodeWith(
  library: Library,
  bytes: Uint8Array,
  maxBytes: number,
): { readonly isSound: boolean; readonly result: DracoMesh | InvalidChunkError | TooLargeError } {
  try {
    const decoder = new library.Decoder();
    const mesh = new library.Mesh();
    const result = attempt(() => readMesh(library, decoder, mesh, { bytes, maxBytes }));
    library.destroy(mesh);
    library.destroy(decoder);
    return { isSound: !(result instanceof TooLargeError), result };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const result = new InvalidChunkError(`the draco decoder failed: ${reason}`, {}, { cause: error });
    return { isSound: false, result };
  }
}

/** What was found wrong with a mesh, as a value: the library is in order and can free what it took. */
function attempt(read: () => DracoMesh): DracoMesh | InvalidChunkError | TooLargeError {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidChunkError || error instanceof TooLargeError) {
      return error;
    }
    throw error;
  }
}

function readMesh(
  library: Library,
  decoder: LibraryDecoder,
  mesh: LibraryMesh,
  { bytes, maxBytes }: { readonly bytes: Uint8Array; readonly maxBytes: number },
): DracoMesh {
  const status = decoder.DecodeArrayToMesh(bytes, bytes.byteLength, mesh);
  if (!status.ok()) {
    throw new InvalidChunkError(`draco mesh is damaged: ${status.error_msg()}`);
  }
  checkSize({ faces: mesh.num_faces(), points: mesh.num_points() }, maxBytes);
  return { positions: positionsOf(library, decoder, mesh), indices: indicesOf(library, decoder, mesh) };
}

function positionsOf(library: Library, decoder: LibraryDecoder, mesh: LibraryMesh): DracoMesh["positions"] {
  const id = decoder.GetAttributeId(mesh, library.POSITION);
  const attribute = id < 0 ? undefined : decoder.GetAttribute(mesh, id);
  if (attribute === undefined || attribute.num_components() !== 3) {
    throw new InvalidChunkError("draco mesh has no positions of three numbers");
  }
  const stored = attribute.data_type();
  const isFloat = stored === library.DT_FLOAT32 || stored === library.DT_FLOAT64;
  const isUnsigned = [library.DT_UINT8, library.DT_UINT16, library.DT_UINT32].includes(stored);
  const type = isFloat ? library.DT_FLOAT32 : isUnsigned ? library.DT_UINT32 : library.DT_INT32;
  const count = 3 * mesh.num_points();
  return copyOut(library, count, (pointer) => {
    if (!decoder.GetAttributeDataArrayForAllPoints(mesh, attribute, type, 4 * count, pointer)) {
      throw new InvalidChunkError(`draco mesh has positions of another type: ${stored}`);
    }
    return isFloat ? library.HEAPF32 : isUnsigned ? library.HEAPU32 : library.HEAP32;
  });
}

function indicesOf(library: Library, decoder: LibraryDecoder, mesh: LibraryMesh): Uint32Array {
  const count = 3 * mesh.num_faces();
  const points = mesh.num_points();
  const indices = copyOut(library, count, (pointer) => {
    if (!decoder.GetTrianglesUInt32Array(mesh, 4 * count, pointer)) {
      throw new InvalidChunkError("draco mesh has no faces");
    }
    return library.HEAPU32;
  });
  if (indices.some((index) => index >= points)) {
    throw new InvalidChunkError(`draco mesh has a face of points beyond the last of ${points}`);
  }
  return indices;
}

/** A copy of `count` numbers of four bytes that `fill` wrote; it returns the heap that shows them as what they are. */
function copyOut<T extends { slice(from: number, to: number): T }>(
  library: Library,
  count: number,
  fill: (pointer: number) => T,
): T {
  const pointer = library._malloc(Math.max(4, 4 * count));
  if (pointer === 0) {
    throw new TooLargeError(`a draco mesh needs more memory than its decoder has: ${4 * count} bytes`);
  }
  try {
    return fill(pointer).slice(pointer / 4, pointer / 4 + count);
  } finally {
    library._free(pointer);
  }
}

/** The wasm with a maximum for the memory that it defines: section 5, one memory, flags and limits. */
function limitMemory(wasm: Uint8Array<ArrayBuffer>, mostPages: number): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < wasm.length; ) {
    const [size, body] = readLeb(wasm, at + 1);
    if (wasm[at] === 5) {
      const [leastPages] = readLeb(wasm, body + 2);
      const section = [1, 1, ...leb(leastPages), ...leb(mostPages)];
      const rest = wasm.subarray(body + size);
      return Uint8Array.from([...wasm.subarray(0, at), 5, ...leb(section.length), ...section, ...rest]);
    }
    at = body + size;
  }
  throw new InvalidChunkError("the draco decoder defines no memory");
}

function readLeb(bytes: Uint8Array, start: number): readonly [value: number, after: number] {
  let value = 0;
  for (let at = start, scale = 1; ; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return [value, at + 1];
    }
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}
