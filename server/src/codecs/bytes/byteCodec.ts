/** The contract of second-stage compressors: bytes <-> bytes, bounded by the size that the caller expects. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import type { Workspace } from "../workspace.ts";

export interface ByteCodec {
  /**
   * The decompressed bytes, in new memory. Throws InvalidChunkError for input that is damaged, truncated or longer than one stream
   * allows, and TooLargeError as soon as the output would pass `maxBytes`, before more is allocated.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
  /**
   * `decompress` inside the memory of a workspace that has the descriptor's kernels: a view of the arena, allocated there. `undefined` when
   * the arena has too little room; nothing of it is taken then. The bytes may lie in that memory, too.
   */
  decompressInto?(bytes: Uint8Array, maxBytes: number, workspace: Workspace): Uint8Array | undefined;
  /** The compressed bytes; runs off the calling thread where the library can. */
  compress?(bytes: Uint8Array, options?: CompressOptions): Promise<Uint8Array>;
}

export interface CompressOptions extends Cancellable {
  /** In the compressor's own scale; default: what CloudFiles uses (gzip 9, br 5, zstd 3, xz 6, bzip2 9). */
  readonly level?: number;
}

/** A compressor that formats name in their metadata. */
export interface CompressorDescriptor {
  readonly name: string;
  /** Kernels (names of files in out/kernels) that it finds compiled in the workspaces of chunks. */
  readonly kernels?: readonly string[];
  load(): Promise<ByteCodec>;
}

/** One entry of the compressor list in engine/builtins.ts: those that stores know, too. */
export interface ByteCodecDescriptor extends CompressorDescriptor {
  /** As in Content-Encoding: gzip, br, zstd, xz, bzip2. */
  readonly name: "gzip" | "br" | "zstd" | "xz" | "bzip2";
  /** What a local file's name ends in: ".gz" … */
  readonly suffix: string;
}

/** A compressor whose functions run in the calling thread. */
export function createByteCodec(
  decompress: ByteCodec["decompress"],
  compress: (bytes: Uint8Array, level?: number) => Uint8Array,
): ByteCodec {
  return {
    decompress,
    async compress(bytes, { signal, level } = {}) {
      throwIfAborted(signal);
      return compress(bytes, level);
    },
  };
}
