/** `cloudvolume put`: the voxels of a file into a volume. */
import { Command, Option } from "commander";
import { fromSize } from "../base/bbox.ts";
import type { Vec3 } from "../base/vec3.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { UploadOptions, VoxelBlock } from "../index.ts";
import { type CommandContext, parseTriple, parseWhole, progressBar, withEngine } from "./context.ts";
import { readVoxelFile } from "./voxelFile.ts";

interface PutOptions {
  readonly offset?: Vec3;
  readonly mip: number;
  readonly compress?: "none" | "gzip" | "br" | "zstd";
}

const examples = `
Examples:
  cloudvolume put ./seg seg.npy                                  from the corner of mip 0
  cloudvolume put ./seg part.npy --offset 512_0_0 --mip 1
  cloudvolume put ./image image.npy --compress none

The array has the shape (x, y, z) or (x, y, z, channel) and the data type of the volume; its box must be made of whole chunks.`;

export function putCommand({ signal }: CommandContext): Command {
  return new Command("put")
    .description("Write a box of voxels.")
    .argument("<location>", "layer to write to; its info must be there")
    .argument("<file>", ".npy, .ckl or .cpso file")
    .option(
      "--offset <x_y_z>",
      "where its first voxel goes, in voxels of the mip (default: the volume's corner)",
      parseTriple,
    )
    .option("--mip <n>", "resolution level", parseWhole, 0)
    .addOption(
      new Option(
        "--compress <how>",
        "second-stage compression (default: as CloudVolume does for the encoding)",
      ).choices(["none", "gzip", "br", "zstd"]),
    )
    .addHelpText("after", examples)
    .action((location: string, file: string, options: PutOptions) => writeArray(location, file, options, signal));
}

async function writeArray(
  location: string,
  file: string,
  { offset, mip, compress }: PutOptions,
  signal: AbortSignal,
): Promise<void> {
  await withEngine(async (engine) => {
    const { data, dtype, shape } = await readVoxelFile(file, engine.chunkTools);
    const volume = await engine.openVolume(location, { mip, signal });
    if (dtype !== volume.dtype) {
      throw new InvalidArgumentError(`the volume holds ${volume.dtype}, the file ${dtype}`, {
        hint: "convert the array first",
      });
    }
    const [x, y, z, channels] = shape;
    if (channels !== volume.channels) {
      throw new InvalidArgumentError(`the volume has ${volume.channels} channels, the file ${channels}`);
    }
    const box = fromSize(offset ?? volume.bounds().min, [x, y, z]);
    const progress = progressBar("writing");
    const options: UploadOptions = {
      signal,
      onProgress: progress?.show,
      ...(compress === undefined ? {} : { compress: compress === "none" ? false : compress }),
    };
    const block: VoxelBlock = { data, shape };
    await volume.upload(box, block, options).finally(() => progress?.end());
  });
}
