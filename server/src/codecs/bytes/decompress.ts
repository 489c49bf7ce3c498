/** Second-stage decompression by the name in Content-Encoding. */
import { createLoader, type Registry } from "../../base/registry.ts";
import { InvalidChunkError, isVolumeError, TooLargeError } from "../../errors.ts";
import type { Workspace } from "../workspace.ts";
import type { ByteCodec, ByteCodecDescriptor } from "./byteCodec.ts";

/**
 * The bytes before `encoding` was applied; the same bytes when there is none. At once when the compressor is loaded, so that a worker's
 * loop does not wait for a microtask. Throws UnsupportedError for an unknown encoding, InvalidChunkError for bytes that are damaged or expand
 * beyond `maxBytes`, which is the most that a sound object could hold. With a workspace, what comes at once may lie in its arena, allocated
 * there; what comes later never does, for others use the arena meanwhile.
 */
export type Decompress = (
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
  workspace?: Workspace,
) => Uint8Array | Promise<Uint8Array>;

/** Names that stores use for the same compressor. */
const aliases: Readonly<Record<string, string>> = { "x-gzip": "gzip", bz2: "bzip2", lzma: "xz", zst: "zstd" };

/** Decompresses with the compressors of `registry`, each loaded on first use. */
export function createDecompressor(registry: Registry<ByteCodecDescriptor>): Decompress {
  const load = createLoader(registry);
  const loaded = new Map<string, ByteCodec>();
  return (bytes, encoding, maxBytes, workspace) => {
    if (encoding === undefined || encoding === "" || encoding === "identity") {
      return bytes;
    }
    const name = aliases[encoding] ?? encoding;
    const codec = loaded.get(name);
    if (codec !== undefined) {
      return decompress(codec, bytes, maxBytes, workspace);
    }
    return load(name).then((fresh) => {
      loaded.set(name, fresh);
      return decompress(fresh, bytes, maxBytes);
    });
  };
}

function decompress(codec: ByteCodec, bytes: Uint8Array, maxBytes: number, workspace?: Workspace): Uint8Array {
  try {
    const inArena = workspace && codec.decompressInto?.(bytes, maxBytes, workspace);
    return inArena ?? codec.decompress(bytes, maxBytes);
  } catch (error) {
    if (error instanceof TooLargeError) {
      throw new InvalidChunkError(error.message, error.fields, { cause: error });
    }
    if (isVolumeError(error)) {
      throw error;
    }
    throw new InvalidChunkError(`cannot decompress: ${String(error)}`, {}, { cause: error });
  }
}
