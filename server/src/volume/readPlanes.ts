/**
 * A row of chunks along x whose bytes are their voxels, from local objects to a target, some planes of all of them at a time.
 *
 * Why: see readRow.ts; and few planes at a time stay in the processor's caches between their reading and their copying, in scratch that is small
 * and so costs no new pages. On 64 x 64 x 64 chunks of 64-bit labels that is a quarter of the time less in new memory, a third in memory that is
 * kept. Planes that nobody wants are not read.
 */
import { throwIfAborted } from "../base/abort.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { ChunkDescription, DecodeTarget } from "../codecs/codec.ts";
import { InvalidChunkError } from "../errors.ts";
import type { LocalObject } from "../storage/store.ts";
import {
  type ChunkReader,
  type CutoutTarget,
  fillMissing,
  namingChunk,
  pulsing,
  readChunkInto,
  targetOf,
} from "./chunkReader.ts";
import { planesOf, type RowOptions } from "./readRow.ts";

/** Bytes of a chunk that are read at once: with their copy, what a core's own cache holds. */
const sliceBytes = 2 ** 17;
/** Objects that are open at once; longer rows are read in several goes. */
const openObjects = 32;

/** A chunk whose object is open. */
interface Opened {
  readonly position: Vec3;
  readonly chunk: ChunkDescription;
  readonly target: DecodeTarget;
  readonly object: LocalObject;
  readonly planeBytes: number;
}

/** Can `readPlanesInto` do more for this reader than `readChunkInto` chunk by chunk? */
export function readsPlanes({ store, codec, source }: ChunkReader): boolean {
  return store.openLocal !== undefined && codec.planeBytes?.(source.describe([0, 0, 0])) !== undefined;
}

/** Does what `readChunkInto` does for each of the chunks, which differ in x only. Resolves to the number of stored bytes that were read. */
export async function readPlanesInto(
  reader: ChunkReader,
  positions: readonly Vec3[],
  target: CutoutTarget,
  options: RowOptions,
): Promise<number> {
  let storedBytes = 0;
  // Where one object is compressed, so will be those beside it: they are not opened to find out.
  let areOthers = false;
  for (let first = 0; first < positions.length; first += openObjects) {
    const opened: Opened[] = [];
    try {
      for (const position of positions.slice(first, first + openObjects)) {
        if (options.isStopped()) {
          return storedBytes;
        }
        throwIfAborted(options.signal);
        const found = areOthers
          ? "other"
          : namingChunk(reader, position, target.workspace, () => open(reader, position, target));
        if (found === "other") {
          areOthers = true;
          storedBytes += await readChunkInto(reader, position, target, { signal: options.signal });
        } else if (found !== "absent") {
          opened.push(found);
        }
      }
      storedBytes += decodeSlices(reader, opened);
    } finally {
      for (const { object } of opened) {
        object.close();
      }
    }
  }
  return storedBytes;
}

/** The chunk with its object open; "other" where the object is not just its voxels, compressed or damaged. */
function open(reader: ChunkReader, position: Vec3, target: CutoutTarget): Opened | "absent" | "other" {
  const { source, store, codec } = reader;
  const decodeTarget = targetOf(source.boxOf(position), target);
  if (decodeTarget === undefined) {
    return "absent";
  }
  const chunk = source.describe(position);
  const object = store.openLocal?.(source.keyOf(position));
  if (object === undefined) {
    fillMissing(source.keyOf(position), chunk, decodeTarget, target.fill);
    return "absent";
  }
  const planeBytes = codec.planeBytes?.(chunk);
  if (object.encoding !== undefined || planeBytes === undefined || object.sizeBytes !== planeBytes * chunk.size[2]) {
    object.close();
    return "other";
  }
  return { position, chunk, target: decodeTarget, object, planeBytes };
}

/** Reads and decodes slices of all chunks in turn; the number of bytes read. */
function decodeSlices(reader: ChunkReader, row: readonly Opened[]): number {
  const [first] = row;
  if (first === undefined) {
    return 0;
  }
  let bytesRead = 0;
  const step = Math.max(1, Math.floor(sliceBytes / first.planeBytes));
  const last = first.target.to[2];
  for (let z = first.target.from[2]; z < last; z += step) {
    for (const chunk of row) {
      const planes = Math.min(step, last - z);
      namingChunk(reader, chunk.position, chunk.target.workspace, () => decodeSlice(reader, chunk, z, planes));
      bytesRead += planes * chunk.planeBytes;
    }
  }
  return bytesRead;
}

function decodeSlice(
  reader: ChunkReader,
  { position, chunk, target, object, planeBytes }: Opened,
  z: number,
  planes: number,
): void {
  const { arena, view } = target.workspace;
  arena.reset();
  const bytes = view(arena.allocate(planes * planeBytes), planes * planeBytes);
  if (object.readInto(bytes, z * planeBytes) !== bytes.byteLength) {
    throw new InvalidChunkError("the chunk became shorter while it was read");
  }
  const [sizeX, sizeY] = chunk.size;
  const part = planesOf(target, z, z + planes);
  const slice: DecodeTarget = { ...part, from: [part.from[0], part.from[1], 0], to: [part.to[0], part.to[1], planes] };
  pulsing(reader, position, chunk, () => reader.codec.decode(bytes, { ...chunk, size: [sizeX, sizeY, planes] }, slice));
}
