/**
 * compresso: a segmentation as the map of its boundaries; one channel. Decodes versions 0 and 1.
 *
 *   header     "cpso", u8 version, u8 bytes of a label, u16 sx, sy, sz, u8 xstep, ystep, zstep, u64 ids, u32 values, u64 locations,
 *              u8 connectivity (4 or 6); little endian, 36 bytes
 *   sections   ids, values, locations, windows, and in version 1 an index of 2 numbers for each z, which decoding does not need
 *
 * The kernel of the same name describes the sections and decodes them; here is the header with its promises, and the memory.
 */
import { voxelBytes } from "../../base/dtype.ts";
import { equals, product, type Vec3 } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { placeInMemory } from "../workspace.ts";

const kernelName = "compresso";

interface Kernel {
  readBoundaries(
    windows: number,
    windowCount: number,
    windowBytes: number,
    values: number,
    valueCount: number,
    ...sizeStepsConnectivityBitmap: readonly number[]
  ): number;
  paint(bitmap: number, labelBytes: number, ...sizeConnectivitySectionsFromToTargetScratch: readonly number[]): number;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "a window that is not in its table",
  [-2]: "too few or too many windows",
  [-3]: "too few or too many labels of regions",
  [-4]: "too few or too many labels of boundary voxels",
  [-5]: "a boundary voxel that refers to no region",
};

const headerBytes = 36;
const magic = [0x63, 0x70, 0x73, 0x6f];

/** The stream's sections as offsets from its beginning, and what its header says beside the size. */
interface CompressoStream {
  readonly steps: Vec3;
  readonly connectivity: number;
  readonly labelBytes: number;
  readonly windowBytes: number;
  readonly idCount: number;
  readonly valueCount: number;
  readonly locationCount: number;
  readonly windowCount: number;
  readonly ids: number;
  readonly values: number;
  readonly locations: number;
  readonly windows: number;
}

function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const { workspace, from, to } = target;
  const stream = parseStream(encoded, chunk);
  if (to.some((end, axis) => end <= (from[axis] ?? 0))) {
    return;
  }
  const input = placeInMemory(workspace, encoded);
  const kernel = workspace.kernel<Kernel>(kernelName);
  const bitmap = workspace.arena.allocate(Math.ceil(chunk.size[0] / 64) * 8 * chunk.size[1] * chunk.size[2]);
  const runs = check(
    kernel.readBoundaries(
      input + stream.windows,
      stream.windowCount,
      stream.windowBytes,
      input + stream.values,
      stream.valueCount,
      ...chunk.size,
      ...stream.steps,
      stream.connectivity,
      bitmap,
    ),
  );
  paint({ kernel, stream, input, bitmap, runs }, chunk, target);
}

interface Boundaries {
  readonly kernel: Kernel;
  readonly stream: CompressoStream;
  readonly input: number;
  readonly bitmap: number;
  readonly runs: number;
}

/** Labels between the boundaries and on them, into the target. */
function paint(
  { kernel, stream, input, bitmap, runs }: Boundaries,
  chunk: ChunkDescription,
  target: DecodeTarget,
): void {
  const scratch = allocateScratch(chunk, target, { runs, isSolid: stream.connectivity === 6 });
  check(
    kernel.paint(
      bitmap,
      stream.labelBytes,
      ...chunk.size,
      stream.connectivity,
      input + stream.ids,
      stream.idCount,
      input + stream.locations,
      stream.locationCount,
      ...target.from,
      ...target.to,
      target.pointer,
      target.rowBytes,
      target.planeBytes,
      ...scratch,
    ),
  );
}

/** Memory for runs, for the first run of each row, and, where a part of the chunk is wanted, for three slices. */
function allocateScratch(
  { size, dtype }: ChunkDescription,
  { from, to, workspace: { arena } }: DecodeTarget,
  { runs, isSolid }: { readonly runs: number; readonly isSolid: boolean },
): readonly [runs: number, rowRuns: number, ring: number] {
  const isWhole = equals(from, [0, 0, 0]) && equals(to, size);
  const rows = size[1] * (isSolid ? size[2] : 1) + 1;
  return [
    arena.allocate(runs * 8),
    arena.allocate(rows * 4),
    isWhole ? 0 : arena.allocate(3 * size[0] * size[1] * voxelBytes(dtype)),
  ];
}

function check(status: number): number {
  if (status < 0) {
    throw new InvalidChunkError(`compresso chunk is damaged: it has ${problems[status] ?? `status ${status}`}`);
  }
  return status;
}

function parseStream(bytes: Uint8Array, chunk: ChunkDescription): CompressoStream {
  if (bytes.byteLength < headerBytes || !magic.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidChunkError(`not a compresso stream: ${bytes.byteLength} bytes without its header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, labelBytes] = [view.getUint8(4), view.getUint8(5)];
  const size: Vec3 = [view.getUint16(6, true), view.getUint16(8, true), view.getUint16(10, true)];
  const steps: Vec3 = [view.getUint8(12), view.getUint8(13), view.getUint8(14)];
  const connectivity = view.getUint8(35);
  if (!equals(size, chunk.size) || labelBytes !== voxelBytes(chunk.dtype)) {
    const found = `${size.join(" x ")} labels of ${labelBytes} bytes`;
    const expected = `${chunk.size.join(" x ")} of ${voxelBytes(chunk.dtype)}`;
    throw new InvalidChunkError(`compresso chunk has ${found}, expected ${expected}`);
  }
  if (version > 1 || product(steps) < 1 || product(steps) > 64 || (connectivity !== 4 && connectivity !== 6)) {
    const found = `version ${version}, steps ${steps.join(" x ")}, connectivity ${connectivity}`;
    throw new InvalidChunkError(`compresso header is not supported: ${found}`);
  }
  return layOut(view, { version, labelBytes, steps, connectivity }, size);
}

interface Header {
  readonly version: number;
  readonly labelBytes: number;
  readonly steps: Vec3;
  readonly connectivity: number;
}

/** Finds the sections; the windows are what the others leave. */
function layOut(view: DataView, { version, labelBytes, steps, connectivity }: Header, size: Vec3): CompressoStream {
  const windowBytes = [1, 2, 4].find((bytes) => product(steps) <= bytes * 8) ?? 8;
  const idCount = Number(view.getBigUint64(15, true));
  const valueCount = view.getUint32(23, true);
  const locationCount = Number(view.getBigUint64(27, true));
  const values = headerBytes + idCount * labelBytes;
  const locations = values + valueCount * windowBytes;
  const windows = locations + locationCount * labelBytes;
  const end = view.byteLength - (version === 1 ? 2 * size[2] * indexBytes(size) : 0);
  if (windows > end || (end - windows) % windowBytes !== 0) {
    throw new InvalidChunkError(
      `compresso chunk is cut off or damaged: sections of ${windows} bytes and windows of ${windowBytes} do not fit into ${end}`,
    );
  }
  return {
    steps,
    connectivity,
    labelBytes,
    windowBytes,
    idCount,
    valueCount,
    locationCount,
    windowCount: (end - windows) / windowBytes,
    ids: headerBytes,
    values,
    locations,
    windows,
  };
}

/** Bytes of a number of the z index. */
function indexBytes(size: Vec3): number {
  const most = 2 * size[0] * size[1];
  return most < 0xff ? 1 : most < 0xffff ? 2 : most < 0xffff_ffff ? 4 : 8;
}

/** Unsigned labels of 1 to 8 bytes, one channel. Reads only. */
export const compressoCodec: CodecDescriptor = {
  name: "compresso",
  dtypes: ["uint8", "uint16", "uint32", "uint64"],
  channels: [1],
  contentType: "application/octet-stream",
  defaultCompression: "gzip",
  kernels: [kernelName],
  load: async () => ({ decode }),
};
