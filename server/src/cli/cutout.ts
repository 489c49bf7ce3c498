/** `cloudvolume cutout`: a box of voxels into a .npy or .raw file, or onto stdout. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, rename, rm } from "node:fs/promises";
import { Command } from "commander";
import type { Bbox } from "../base/bbox.ts";
import { InvalidArgumentError, PermissionDeniedError } from "../errors.ts";
import type { Cutout } from "../index.ts";
import { type CommandContext, parseBox, parseValue, parseWhole, progressBar, withEngine } from "./context.ts";
import { formatNpyHeader } from "./npy.ts";

interface CutoutOptions {
  readonly bbox?: Bbox;
  readonly mip: number;
  readonly output: string;
  readonly fillMissing: boolean;
  readonly background: number | bigint;
}

const examples = `
Examples:
  cloudvolume cutout ./image -o image.npy                        the whole of mip 0
  cloudvolume cutout ./seg --bbox 0-64_0-64_0-64 --mip 1 -o seg.npy
  cloudvolume cutout ./seg --mip 3 -o - | sha256sum              raw voxels to stdout
  cloudvolume cutout ./image --fill-missing --background 255 -o image.raw

Read a .npy file with numpy.load: shape (x, y, z, channel), Fortran order.
A .raw file holds little-endian voxels, x fastest, then y, z, channel.`;

export function cutoutCommand({ signal }: CommandContext): Command {
  return new Command("cutout")
    .description("Read a box of voxels.")
    .argument("<location>", "layer to read")
    .option("--bbox <box>", "voxels of the mip, half open: x0-x1_y0-y1_z0-z1 (default: all of it)", parseBox)
    .option("--mip <n>", "resolution level; -1 is the coarsest", parseWhole, 0)
    .requiredOption("-o, --output <file>", "file ending in .npy or .raw, or - for raw voxels on stdout")
    .option("--fill-missing", "take background where chunks are missing, instead of failing", false)
    .option("--background <value>", "value of voxels that are not stored", parseValue, 0)
    .addHelpText("after", examples)
    .action((location: string, options: CutoutOptions) => readCutout(location, options, signal));
}

async function readCutout(location: string, options: CutoutOptions, signal: AbortSignal): Promise<void> {
  const { output, mip, fillMissing, background } = options;
  if (output !== "-" && !/\.(npy|raw)$/i.test(output)) {
    throw new InvalidArgumentError(`the output is a .npy or .raw file, or - for stdout: "${output}"`);
  }
  await withEngine(async (engine) => {
    const volume = await engine.openVolume(location, { mip, fillMissing, background, signal });
    const progress = progressBar("reading");
    const cutout = await volume
      .download(options.bbox, { signal, onProgress: progress?.show })
      .finally(() => progress?.end());
    await (output === "-" ? writeStdout(cutout) : writeFile(output, cutout, signal));
  });
}

/** Written to a temporary file beside it first, so that an old file stays whole when this fails. */
async function writeFile(file: string, cutout: Cutout, signal: AbortSignal): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    try {
      if (/\.npy$/i.test(file)) {
        await handle.writeFile(formatNpyHeader(cutout.dtype, cutout.shape));
      }
      for (const piece of pieces(cutout)) {
        signal.throwIfAborted();
        await handle.writeFile(piece);
      }
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainFile(error, file);
  }
}

async function writeStdout(cutout: Cutout): Promise<void> {
  for (const piece of pieces(cutout)) {
    if (!process.stdout.write(piece)) {
      await once(process.stdout, "drain");
    }
  }
}

const pieceBytes = 64 * 2 ** 20;

/** The voxels in parts: neither files nor pipes take gigabytes at once. */
function* pieces({ data }: Cutout): Generator<Uint8Array> {
  for (let offset = 0; offset < data.byteLength; offset += pieceBytes) {
    yield new Uint8Array(data.buffer, data.byteOffset + offset, Math.min(pieceBytes, data.byteLength - offset));
  }
}

function explainFile(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") {
    return new InvalidArgumentError(`the folder of the output is not there: "${file}"`, {}, { cause: error });
  }
  return code === "EACCES" || code === "EROFS"
    ? new PermissionDeniedError(`cannot write: "${file}"`, {}, { cause: error })
    : error;
}
