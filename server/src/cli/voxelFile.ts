/** Voxels in files: .npy arrays, raw voxels, and the chunk encodings that serve as files (.ckl, .cpso). */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { type DataType, voxelBytes } from "../base/dtype.ts";
import { formatNpyHeader, parseNpyHeader, toFortranOrder } from "../base/npy.ts";
import { InvalidArgumentError, NotFoundError, PermissionDeniedError, TooLargeError } from "../errors.ts";
import { type ChunkTools, type VoxelArray, voxelView } from "../index.ts";

/** A dense array in Fortran order. */
export interface VoxelFile {
  readonly data: VoxelArray;
  readonly dtype: DataType;
  readonly shape: readonly [x: number, y: number, z: number, channels: number];
}

/** Endings of the files that can be read; those of encodings first. */
const readable = ".npy, .ckl or .cpso";

/** Reads a .npy, .ckl or .cpso file. Throws NotFoundError, PermissionDeniedError, TooLargeError, InvalidArgumentError, InvalidChunkError. */
export async function readVoxelFile(file: string, tools: ChunkTools): Promise<VoxelFile> {
  const encoding = tools.fileEncoding(file);
  if (encoding === undefined && !isNpy(file)) {
    throw new InvalidArgumentError(`the file is a ${readable} file: "${file}"`);
  }
  const bytes = await readBytes(file);
  if (encoding === undefined) {
    return parseArray(bytes);
  }
  const form = tools.describeFile(bytes, encoding);
  const [x, y, z] = form.size;
  return { data: await tools.decode(bytes, form), dtype: form.dtype, shape: [x, y, z, 1] };
}

/** Throws InvalidArgumentError unless a file of this name can be written: .npy, .raw, or of an encoding. */
export function checkOutputName(file: string, tools: ChunkTools): void {
  if (!/\.(npy|raw)$/i.test(file) && tools.fileEncoding(file) === undefined) {
    throw new InvalidArgumentError(`the output is a .npy, .raw, .ckl or .cpso file, or - for stdout: "${file}"`);
  }
}

/** Writes a file by its ending; to a temporary file beside it first, so that an old file stays whole when this fails. */
export async function writeVoxelFile(
  file: string,
  voxels: VoxelFile,
  tools: ChunkTools,
  signal: AbortSignal,
): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    try {
      for await (const piece of contentOf(file, voxels, tools)) {
        signal.throwIfAborted();
        await handle.writeFile(piece);
      }
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainOutput(error, file);
  }
}

async function* contentOf(file: string, { data, dtype, shape }: VoxelFile, tools: ChunkTools) {
  const encoding = tools.fileEncoding(file);
  const [x, y, z, channels] = shape;
  if (encoding !== undefined) {
    yield await tools.encode(data, { encoding, size: [x, y, z], channels, dtype });
    return;
  }
  if (isNpy(file)) {
    yield formatNpyHeader(dtype, shape);
  }
  yield* pieces(data);
}

const pieceBytes = 64 * 2 ** 20;

/** The voxels in parts: neither files nor pipes take gigabytes at once. */
export function* pieces(data: VoxelArray): Generator<Uint8Array> {
  for (let offset = 0; offset < data.byteLength; offset += pieceBytes) {
    yield new Uint8Array(data.buffer, data.byteOffset + offset, Math.min(pieceBytes, data.byteLength - offset));
  }
}

function isNpy(file: string): boolean {
  return /\.npy$/i.test(file);
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw explainInput(error, file);
  }
}

function explainInput(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return new NotFoundError(`no such file: "${file}"`, {}, { cause: error });
    case "EISDIR":
      return new InvalidArgumentError(`the input is a folder: "${file}"`, {}, { cause: error });
    case "EACCES":
      return new PermissionDeniedError(`cannot read: "${file}"`, {}, { cause: error });
    case "ERR_FS_FILE_TOO_LARGE":
      return new TooLargeError(`files of 2 GiB and more cannot be read: "${file}"`, {}, { cause: error });
    default:
      return error;
  }
}

/** The array of a .npy file in Fortran order with four axes. */
function parseArray(bytes: Uint8Array): VoxelFile {
  const { dtype, order, shape, dataOffset } = parseNpyHeader(bytes);
  if (shape.length !== 3 && shape.length !== 4) {
    throw new InvalidArgumentError(`the array has the shape (x, y, z) or (x, y, z, channel): (${shape.join(", ")})`);
  }
  const [x, y, z, channels = 1] = shape as [number, number, number, number?];
  const itemBytes = voxelBytes(dtype);
  const expected = x * y * z * channels * itemBytes;
  if (bytes.byteLength - dataOffset !== expected) {
    throw new InvalidArgumentError(
      `the .npy file holds ${bytes.byteLength - dataOffset} bytes of voxels, its header says ${expected}`,
    );
  }
  // A copy of its own: typed arrays need an aligned start.
  const data = bytes.slice(dataOffset);
  const dense = order === "F" ? data : toFortranOrder(data, shape, itemBytes);
  return {
    data: voxelView(dtype, dense.buffer, dense.byteOffset, x * y * z * channels),
    dtype,
    shape: [x, y, z, channels],
  };
}

function explainOutput(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") {
    return new InvalidArgumentError(`the folder of the output is not there: "${file}"`, {}, { cause: error });
  }
  return code === "EACCES" || code === "EROFS"
    ? new PermissionDeniedError(`cannot write: "${file}"`, {}, { cause: error })
    : error;
}
