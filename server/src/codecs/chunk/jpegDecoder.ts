/**
 * Decoding of the JPEG images that nearly all gray volumes have: baseline, one component, one scan, no restarts; by the kernel "jpeg_decode".
 *
 * Pixels equal those of libjpeg-turbo. Everything else that JPEG has is left to the library.
 */
import { equals, product } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, DecodeTarget } from "../codec.ts";
import { writeVoxels } from "../target.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { type GrayScan, readGrayScan } from "./jpegScan.ts";
import { zigzag } from "./jpegTables.ts";

/** The kernel that `decodeGrayJpeg` needs. */
export const jpegDecodeKernel = "jpeg_decode";

interface Kernel {
  decodeGray(
    scan: number,
    scanBytes: number,
    width: number,
    height: number,
    steps: number,
    dcCodes: number,
    acCodes: number,
    scratch: number,
    ...targetRowPlaneRows: readonly number[]
  ): number;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "a Huffman table that is none",
  [-2]: "a code that no table has",
  [-3]: "a run that leaves its block",
  [-4]: "fewer bits than its blocks take",
};
/** Markers in the scan, and bytes after its blocks: it is for the library to say what they mean. */
const notForKernel: readonly number[] = [-5, -6];
/** As the kernel's SCRATCH_BYTES, and what it keeps free around the scan. */
const kernelBytes = 21_248 + 64;

/**
 * Bytes of scratch for a chunk: tables, the scan, and the pixels where they cannot go straight to the target. Scans are rarely larger than their
 * pixels; those of more than three bytes a pixel are left to the library.
 */
export function decodeScratchBytes({ size }: ChunkDescription): number {
  return product(size) + mostScanBytes(product(size)) + kernelBytes + 1024;
}

function mostScanBytes(pixels: number): number {
  return 3 * pixels + 4096;
}

/** Writes the wanted part; false when the image is not the chunk's, or of a kind that the kernel does not do. Throws InvalidChunkError for damage of its scan. */
export function decodeGrayJpeg(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): boolean {
  const scan = chunk.channels === 1 ? readGrayScan(encoded) : undefined;
  const voxels = product(chunk.size);
  if (scan === undefined || scan.width * scan.height !== voxels || scan.end - scan.start > mostScanBytes(voxels)) {
    return false;
  }
  const { workspace } = target;
  const { arena } = workspace;
  const mark = arena.mark();
  try {
    const [x, y, z] = chunk.size;
    const isWhole = equals(target.from, [0, 0, 0]) && equals(target.to, chunk.size);
    if (isWhole && scan.width === x && scan.height === y * z) {
      return run(workspace, encoded, scan, [target.pointer, target.rowBytes, target.planeBytes, y]);
    }
    const pixels = arena.allocate(voxels);
    if (!run(workspace, encoded, scan, [pixels, scan.width, 0, scan.height])) {
      return false;
    }
    writeVoxels(workspace.view(pixels, voxels), chunk, target);
    return true;
  } finally {
    arena.reset(mark);
  }
}

function run(workspace: Workspace, encoded: Uint8Array, scan: GrayScan, rows: readonly number[]): boolean {
  const { arena, memory } = workspace;
  const input = placeInMemory(workspace, encoded);
  const steps = arena.allocate(256);
  new Uint32Array(memory.buffer, steps, 64).set(Array.from(scan.steps, (step, k) => step | ((zigzag[k] ?? 0) << 17)));
  const scratch = arena.allocate(kernelBytes + scan.end - scan.start);
  const status = workspace
    .kernel<Kernel>(jpegDecodeKernel)
    .decodeGray(
      input + scan.start,
      scan.end - scan.start,
      scan.width,
      scan.height,
      steps,
      input + scan.dcCodes,
      input + scan.acCodes,
      scratch,
      ...rows,
    );
  if (notForKernel.includes(status)) {
    return false;
  }
  if (status < 0) {
    throw new InvalidChunkError(`JPEG image is damaged: it has ${problems[status] ?? `status ${status}`}`);
  }
  return true;
}
