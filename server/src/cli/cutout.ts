/** `cloudvolume cutout`: a box of voxels into a file, or onto stdout. */
import { once } from "node:events";
import { Command } from "commander";
import type { Bbox } from "../base/bbox.ts";
import type { Cutout } from "../index.ts";
import { type CommandContext, parseBox, parseValue, parseWhole, progressBar, withEngine } from "./context.ts";
import { checkOutputName, pieces, writeVoxelFile } from "./voxelFile.ts";

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
A .raw file holds little-endian voxels, x fastest, then y, z, channel.
A .ckl file is crackle, a .cpso file compresso: labels, compressed.`;

export function cutoutCommand({ signal }: CommandContext): Command {
  return new Command("cutout")
    .description("Read a box of voxels.")
    .argument("<location>", "layer to read")
    .option("--bbox <box>", "voxels of the mip, half open: x0-x1_y0-y1_z0-z1 (default: all of it)", parseBox)
    .option("--mip <n>", "resolution level; -1 is the coarsest", parseWhole, 0)
    .requiredOption("-o, --output <file>", "file ending in .npy, .raw, .ckl or .cpso, or - for raw voxels on stdout")
    .option("--fill-missing", "take background where chunks are missing, instead of failing", false)
    .option("--background <value>", "value of voxels that are not stored", parseValue, 0)
    .addHelpText("after", examples)
    .action((location: string, options: CutoutOptions) => readCutout(location, options, signal));
}

async function readCutout(location: string, options: CutoutOptions, signal: AbortSignal): Promise<void> {
  const { output, mip, fillMissing, background } = options;
  await withEngine(async (engine) => {
    if (output !== "-") {
      checkOutputName(output, engine.chunkTools);
    }
    const volume = await engine.openVolume(location, { mip, fillMissing, background, signal });
    const progress = progressBar("reading");
    const cutout = await volume
      .download(options.bbox, { signal, onProgress: progress?.show })
      .finally(() => progress?.end());
    await (output === "-" ? writeStdout(cutout) : writeVoxelFile(output, cutout, engine.chunkTools, signal));
  });
}

async function writeStdout(cutout: Cutout): Promise<void> {
  for (const piece of pieces(cutout.data)) {
    if (!process.stdout.write(piece)) {
      await once(process.stdout, "drain");
    }
  }
}
