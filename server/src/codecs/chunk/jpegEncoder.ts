/** Writes baseline JPEG files with the kernel "jpeg": byte for byte those of the common library at the same quality, chroma at full resolution. */
import { product } from "../../base/vec3.ts";
import { InternalError, InvalidArgumentError, InvalidMetadataError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { headerBytes, type JpegHeader, kernelTable, zigzag } from "./jpegTables.ts";

/** The kernel that `encodeJpeg` needs. */
export const jpegKernel = "jpeg";

interface Kernel {
  encode(
    pixels: number,
    width: number,
    height: number,
    components: number,
    planeBytes: number,
    ...tablesScratchOut: readonly number[]
  ): number;
}

/** libjpeg's limit of either side, so that every reader can read what is written. */
const maxSide = 65_500;
const defaultQuality = 85;
const scratchBytes = 23_616;
/** A block at worst, and what is left over at the end. */
const [mostBlockBytes, restBytes] = [512, 4096];
const endOfImage = [0xff, 0xd9];

/** The chunk, planar uint8 voxels of one or three channels, as a file. Throws InvalidArgumentError for what JPEG cannot hold. */
export function encodeJpeg(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array {
  const header = headerOf(chunk);
  const { arena } = workspace;
  const mark = arena.mark();
  try {
    const pixels = placeInMemory(workspace, voxels);
    const tables = placeInMemory(workspace, tablesOf(header));
    const scan = encodeScan(workspace, header, pixels, tables);
    const head = headerBytes(header);
    const file = new Uint8Array(head.byteLength + scan.byteLength + endOfImage.length);
    file.set(head);
    file.set(scan, head.byteLength);
    file.set(endOfImage, head.byteLength + scan.byteLength);
    return file;
  } finally {
    arena.reset(mark);
  }
}

/** Bytes of the workspace's arena that `encodeJpeg` takes at most. */
export function encodeScratchBytes(chunk: ChunkDescription): number {
  const header = headerOf(chunk);
  return product(chunk.size) * chunk.channels + Math.max(...roomsOf(header)) + scratchBytes + 8192;
}

/** Room for two bytes a sample does for all but noise at high quality; then the worst case. */
function roomsOf({ width, height, components }: JpegHeader): readonly number[] {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8) * components;
  return [2 * width * height * components + restBytes, blocks * mostBlockBytes + restBytes];
}

function encodeScan(workspace: Workspace, header: JpegHeader, pixels: number, tables: number): Uint8Array {
  const { width, height, components } = header;
  const { arena } = workspace;
  const scratch = arena.allocate(scratchBytes);
  for (const room of roomsOf(header)) {
    const mark = arena.mark();
    const out = arena.allocate(room);
    const kernel = workspace.kernel<Kernel>(jpegKernel);
    const written = kernel.encode(pixels, width, height, components, width * height, tables, scratch, out, room);
    if (written >= 0) {
      return workspace.view(out, written);
    }
    arena.reset(mark);
  }
  throw new InternalError("the room for a JPEG scan did not suffice");
}

function tablesOf({ quality }: JpegHeader): Uint8Array {
  const [luminance, chrominance] = [kernelTable(quality, 0), kernelTable(quality, 1)];
  const tables = new Uint8Array(luminance.byteLength + chrominance.byteLength + zigzag.length);
  tables.set(luminance);
  tables.set(chrominance, luminance.byteLength);
  tables.set(zigzag, luminance.byteLength + chrominance.byteLength);
  return tables;
}

/** X wide and Y·Z high; where that is too high for a JPEG file, X·Y wide and Z high. */
function headerOf(chunk: ChunkDescription): JpegHeader {
  const [x, y, z] = chunk.size;
  const [width, height] = y * z <= maxSide ? [x, y * z] : [x * y, z];
  const isPossible = width <= maxSide && height <= maxSide && product(chunk.size) > 0;
  if (!isPossible || (chunk.channels !== 1 && chunk.channels !== 3)) {
    throw new InvalidArgumentError(
      `jpeg cannot hold a chunk of ${x} x ${y} x ${z} voxels with ${chunk.channels} channels (at most ${maxSide} pixels wide and high; 1 or 3 channels)`,
    );
  }
  return { width, height, components: chunk.channels, quality: qualityOf(chunk) };
}

function qualityOf({ parameters }: ChunkDescription): number {
  const { jpeg_quality: quality = defaultQuality } = parameters;
  if (typeof quality !== "number" || !Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new InvalidMetadataError(`jpeg_quality must be an integer from 1 to 100: ${JSON.stringify(quality)}`);
  }
  return quality;
}
