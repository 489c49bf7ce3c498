/**
 * One chunk, from its object to voxels in a target: read, decompress, decode. Runs in any thread.
 *
 * A store with `readInto` puts the stored bytes into the workspace's arena, so a workspace may have one such read at a time; reads that wait
 * for their bytes may overlap, for they use the arena only while they decode, which never waits.
 */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import type { Bbox } from "../base/bbox.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { Decompress } from "../codecs/bytes/decompress.ts";
import type { ChunkCodec, ChunkDescription, DecodeTarget } from "../codecs/codec.ts";
import { fillTarget } from "../codecs/target.ts";
import type { Workspace } from "../codecs/workspace.ts";
import { InvalidChunkError, isVolumeError, NotFoundError, TooLargeError, withErrorFields } from "../errors.ts";
import type { ChunkSource, StoredChunk } from "../formats/format.ts";
import type { GetOptions, Store } from "../storage/store.ts";
import type { FillPolicy, Pulse } from "../workers/contract.ts";
import { type Layout, offsetOf, wantedPart } from "./cutoutPlan.ts";
import { decodedBytes, decodeScratchBytes, readScratchBytes } from "./scratch.ts";

/** What reads the chunks of one scale. */
export interface ChunkReader {
  readonly store: Store;
  readonly source: ChunkSource;
  readonly codec: ChunkCodec;
  readonly decompress: Decompress;
  /** Tells a watch what is decoded; only threads that can be replaced have one. */
  readonly pulse?: Pulse | undefined;
}

/** Gives the stored bytes of chunks that were asked for before their turn; `undefined` where nothing is stored. */
export type StoredChunks = (position: Vec3) => Promise<StoredChunk | undefined>;

export interface ReadChunkOptions extends Cancellable {
  /** Where the stored bytes come from, in the place of the reader's store. */
  readonly stored?: StoredChunks | undefined;
}

/** Where a cutout's voxels go. */
export interface CutoutTarget {
  readonly workspace: Workspace;
  readonly pointer: number;
  readonly layout: Layout;
  readonly fill: FillPolicy;
}

/** Bytes that the first stage may have: raw is exact, every other encoding is allowed to fail at compressing. */
function maxEncodedBytes(codec: string, chunk: ChunkDescription): number {
  const decoded = decodedBytes(chunk);
  return codec === "raw" ? decoded : 4 * decoded + 2 ** 20;
}

/** Scratch bytes that a thread needs for any chunk of a scale. */
export function scratchBytes({ source, codec }: Pick<ChunkReader, "source" | "codec">): number {
  // The chunk at the corner is the largest: the others are clipped at most.
  return readScratchBytes(codec, source.describe([0, 0, 0]));
}

/**
 * Reads the chunk at `position` and writes the part of it that the target's box wants; a chunk that is not stored is filled, or fails.
 * Resolves to the number of stored bytes. Every error carries the location, the chunk and the codec.
 */
export async function readChunkInto(
  reader: ChunkReader,
  position: Vec3,
  target: CutoutTarget,
  { signal, stored: fetched }: ReadChunkOptions = {},
): Promise<number> {
  const { source, codec } = reader;
  const chunkBox = source.boxOf(position);
  const decodeTarget = targetOf(chunkBox, target);
  if (decodeTarget === undefined) {
    return 0;
  }
  return namingChunk(reader, position, target.workspace, async () => {
    throwIfAborted(signal);
    const chunk = source.describe(position);
    const read = fetched === undefined ? readWithoutWaiting(reader, position, chunk, target.workspace) : undefined;
    const stored = read ?? (await (fetched?.(position) ?? readStored(reader, position, { signal })));
    if (stored === undefined || stored === "absent" || stored.bytes.byteLength === 0) {
      fillMissing(source.keyOf(position), chunk, decodeTarget, target.fill);
      return 0;
    }
    const decompressing = pulsing(reader, position, chunk, () => decompressed(reader, stored, chunk, target.workspace));
    const bytes = decompressing instanceof Promise ? await decompressing : decompressing;
    const encoded = makeRoom(bytes, decodeScratchBytes(codec, chunk), target.workspace);
    pulsing(reader, position, chunk, () => codec.decode(encoded, chunk, decodeTarget));
    return stored.bytes.byteLength;
  });
}

/** Runs a step of reading a chunk; its errors carry the location, the chunk and the codec. */
export function namingChunk<T>(reader: ChunkReader, position: Vec3, workspace: Workspace, step: () => T): T {
  const named = (error: unknown): never => {
    throw withErrorFields(translateTrap(error, workspace), {
      location: reader.store.location.text,
      chunk: reader.source.keyOf(position),
      codec: reader.source.codec,
    });
  };
  try {
    const result = step();
    // A promise of T stays one of T: `named` gives nothing.
    return result instanceof Promise ? (result.catch(named) as T) : result;
  } catch (error) {
    return named(error);
  }
}

/** A decoder may take this long, and a second more for each MiB that it makes. */
const leastDecodeMs = 15_000;

/** Runs a step that does not wait, under the eyes of the watch. */
export function pulsing<T>({ pulse }: ChunkReader, position: Vec3, chunk: ChunkDescription, step: () => T): T {
  if (pulse === undefined) {
    return step();
  }
  pulse.begin(position, Math.min(2 ** 31 - 1, leastDecodeMs + 1000 * Math.ceil(decodedBytes(chunk) / 2 ** 20)));
  try {
    return step();
  } finally {
    pulse.end();
  }
}

/** A kernel that trapped is in no state to go on: the next chunk gets new instances, this one is damaged. */
export function translateTrap(error: unknown, workspace: Workspace): unknown {
  if (!(error instanceof Error && error.name === "RuntimeError")) {
    return error;
  }
  workspace.forgetKernels();
  return new InvalidChunkError(`the decoder failed: ${error.message}`, {}, { cause: error });
}

/** Where the part of a chunk goes that the target's box wants; undefined = it wants none. */
export function targetOf(chunkBox: Bbox, { workspace, pointer, layout }: CutoutTarget): DecodeTarget | undefined {
  const part = wantedPart(chunkBox, layout.box);
  return (
    part && {
      workspace,
      pointer: pointer + offsetOf(layout, part.corner),
      rowBytes: layout.rowBytes,
      planeBytes: layout.planeBytes,
      channelBytes: layout.channelBytes,
      from: part.from,
      to: part.to,
    }
  );
}

/** Local stores: straight into the arena. `undefined` = this way is closed, ask the store in the usual one. */
export function readWithoutWaiting(
  { store, source }: ChunkReader,
  position: Vec3,
  chunk: ChunkDescription,
  workspace: Workspace,
): StoredChunk | "absent" | undefined {
  if (store.readInto === undefined) {
    return undefined;
  }
  workspace.arena.reset();
  const capacity = Math.min(2 * decodedBytes(chunk) + 65_536, workspace.arena.freeBytes);
  const into = workspace.view(workspace.arena.allocate(capacity), capacity);
  const read = store.readInto(source.keyOf(position), into);
  if (read === "too_large") {
    return undefined;
  }
  if (read === undefined) {
    return "absent";
  }
  const bytes = into.subarray(0, read.sizeBytes);
  return read.encoding === undefined ? { bytes } : { bytes, encoding: read.encoding };
}

export interface FetchChunkOptions extends Cancellable {
  /** Memory for the bytes; see GetOptions. */
  readonly allocate?: GetOptions["allocate"];
}

/** The bytes of a chunk from its store; `undefined` where nothing is stored. */
export async function readStored(
  { store, source }: ChunkReader,
  position: Vec3,
  { signal, allocate }: FetchChunkOptions,
): Promise<StoredChunk | undefined> {
  const maxBytes = maxEncodedBytes("", source.describe(position));
  try {
    return await store.get(source.keyOf(position), { signal, maxBytes, allocate });
  } catch (error) {
    throw error instanceof TooLargeError ? tooLong(error, maxBytes) : error;
  }
}

/** Waits only where the decompressor does, for one that is not loaded yet; else the bytes may lie in the workspace's arena. */
export function decompressed(
  { decompress, source }: ChunkReader,
  { bytes, encoding }: StoredChunk,
  chunk: ChunkDescription,
  workspace: Workspace,
): Uint8Array | Promise<Uint8Array> {
  clearArena(bytes, workspace);
  return decompress(bytes, encoding, maxEncodedBytes(source.codec, chunk), workspace);
}

/** Where a chunk's bytes are elsewhere, nothing in the arena is needed: what other reads of this thread left there is used up. */
function clearArena(bytes: Uint8Array, { arena, memory }: Workspace): void {
  if (bytes.buffer !== memory.buffer) {
    arena.reset();
  }
}

/** The bytes, with that much room in the arena; only those that are far larger than their chunk have to leave it. */
function makeRoom(bytes: Uint8Array, scratchBytes: number, workspace: Workspace): Uint8Array {
  const isCrowded = bytes.buffer === workspace.memory.buffer && workspace.arena.freeBytes < scratchBytes;
  const placed = isCrowded ? bytes.slice() : bytes;
  clearArena(placed, workspace);
  return placed;
}

function tooLong(cause: unknown, maxBytes: number): InvalidChunkError {
  return new InvalidChunkError(
    `the chunk has more bytes than its size in the info allows: more than ${maxBytes}`,
    {},
    { cause },
  );
}

/** Writes background where a chunk is not stored. Throws NotFoundError when that is not asked for. */
export function fillMissing(key: string, chunk: ChunkDescription, target: DecodeTarget, fill: FillPolicy): void {
  if (!fill.missing) {
    throw new NotFoundError(`chunk is missing: ${key}`, {
      hint: "if missing chunks mean background, read with fill missing (fillMissing: true, --fill-missing)",
    });
  }
  fillTarget(target, chunk, fill.pattern);
}

/** Does this error say that the chunk is not stored? */
export function isMissingChunk(error: unknown): boolean {
  return isVolumeError(error) && error.tag === "not_found" && error.fields.chunk !== undefined;
}
