/** Writing a box of voxels: whole chunks, one object each, each replaced as a whole. */
import { throwIfAborted } from "../base/abort.ts";
import type { Bbox } from "../base/bbox.ts";
import * as bbox from "../base/bbox.ts";
import { createLimiter } from "../base/limiter.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codecs/codec.ts";
import type { Workspace } from "../codecs/workspace.ts";
import { ReadOnlyError, UnalignedWriteError, withErrorFields } from "../errors.ts";
import type { ChunkSource } from "../formats/format.ts";
import type { ContentEncoding, Store } from "../storage/store.ts";
import type { ReadProgress } from "../workers/contract.ts";
import { type Layout, offsetOf, planCutout, positionAt } from "./cutoutPlan.ts";

/** What writes the chunks of one scale. */
export interface ChunkWriter {
  readonly store: Store;
  readonly source: ChunkSource;
  readonly descriptor: CodecDescriptor;
  readonly codec: ChunkCodec;
  /** Scratch for the encoder; used by one chunk at a time. */
  readonly workspace: Workspace;
  /** Gives the scratch memory back; the writer is done with. */
  release(): void;
  compress(bytes: Uint8Array, encoding: ContentEncoding, level: number | undefined): Promise<Uint8Array>;
}

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly compression: ContentEncoding | undefined;
  readonly compressLevel?: number | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Chunks that are compressed and written at once. */
const writesAtOnce = 8;
/** CloudVolume's default for chunks (`cdn_cache=True`). */
const chunkCacheControl = "max-age=3600, s-max-age=3600";

/** Throws UnalignedWriteError unless the box is made of whole chunks (a chunk at the bounds counts as whole when it is clipped). */
export function checkAligned(source: ChunkSource, box: Bbox): void {
  const aligned = bbox.intersection(bbox.expandToGrid(box, source.chunkSize, source.bounds.min), source.bounds);
  if (aligned === undefined || !bbox.equals(aligned, box)) {
    throw new UnalignedWriteError(`the box is not made of whole chunks: ${bbox.toFilename(box)}`, {
      hint:
        aligned === undefined
          ? "write inside the bounds"
          : `write ${bbox.toFilename(aligned)} (chunks of ${source.chunkSize.join("x")})`,
    });
  }
}

/** Writes `voxels`, dense in `layout`, chunk by chunk. A failure leaves chunks written before it, each whole. */
export async function writeChunks(
  writer: ChunkWriter,
  voxels: Uint8Array,
  layout: Layout,
  options: WriteOptions,
): Promise<void> {
  checkAligned(writer.source, layout.box);
  const plan = planCutout(writer.source, layout.box, 1);
  const places = createLimiter(writesAtOnce);
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  let chunksDone = 0;
  let storedBytes = 0;
  const writing: Promise<void>[] = [];
  for (let index = 0; index < plan.chunkCount && !signal.aborted; index++) {
    const position = positionAt(plan, index);
    const write = places.run(async () => {
      storedBytes += await writeChunk(writer, position, voxels, layout, { ...options, signal });
      options.onProgress?.({ chunksDone: ++chunksDone, chunksTotal: plan.chunkCount, storedBytes });
    });
    write.catch((error: unknown) => failed.abort(error));
    writing.push(write);
    if (writing.length % writesAtOnce === 0) {
      await Promise.allSettled(writing.slice(-2 * writesAtOnce, -writesAtOnce));
    }
  }
  const ended = await Promise.allSettled(writing);
  throwIfAborted(options.signal);
  const failure = ended.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    throw failed.signal.reason;
  }
}

async function writeChunk(
  writer: ChunkWriter,
  position: Vec3,
  voxels: Uint8Array,
  layout: Layout,
  options: WriteOptions,
): Promise<number> {
  const { store, source, codec, descriptor } = writer;
  const key = source.keyOf(position);
  try {
    throwIfAborted(options.signal);
    if (store.put === undefined || codec.encode === undefined) {
      throw new ReadOnlyError(
        codec.encode === undefined ? `encoding "${descriptor.name}" can only be read` : "this store can only be read",
      );
    }
    const chunk = source.describe(position);
    writer.workspace.arena.reset();
    const encoded = codec.encode(gather(voxels, layout, source.boxOf(position), chunk), chunk, writer.workspace);
    const { compression } = options;
    const bytes =
      compression === undefined ? encoded : await writer.compress(encoded, compression, options.compressLevel);
    await store.put(key, bytes, {
      contentType: descriptor.contentType,
      cacheControl: chunkCacheControl,
      ...(compression === undefined ? {} : { encoding: compression }),
      signal: options.signal,
    });
    return bytes.byteLength;
  } catch (error) {
    throw withErrorFields(error, { location: store.location.text, chunk: key, codec: descriptor.name });
  }
}

/** The voxels of one chunk, dense, out of a larger dense array. */
function gather(voxels: Uint8Array, layout: Layout, box: Bbox, chunk: ChunkDescription): Uint8Array {
  const [width, rows, planes] = chunk.size;
  const rowBytes = width * layout.voxelBytes;
  const dense = new Uint8Array(rowBytes * rows * planes * chunk.channels);
  const corner = offsetOf(layout, box.min);
  let to = 0;
  for (let channel = 0; channel < chunk.channels; channel++) {
    for (let z = 0; z < planes; z++) {
      for (let y = 0; y < rows; y++) {
        const from = corner + channel * layout.channelBytes + z * layout.planeBytes + y * layout.rowBytes;
        dense.set(voxels.subarray(from, from + rowBytes), to);
        to += rowBytes;
      }
    }
  }
  return dense;
}
