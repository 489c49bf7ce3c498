/** `cloudvolume convert`: a file of voxels into another kind of file. */
import { Command } from "commander";
import { type CommandContext, withEngine } from "./context.ts";
import { checkOutputName, readVoxelFile, writeVoxelFile } from "./voxelFile.ts";

const examples = `
Examples:
  cloudvolume convert labels.ckl labels.npy                      crackle to NumPy
  cloudvolume convert labels.npy labels.cpso                     NumPy to compresso
  cloudvolume convert labels.cpso labels.ckl

.ckl is crackle, .cpso compresso: labels of unsigned integers, one channel, as the libraries of these names read and write them.`;

export function convertCommand({ signal }: CommandContext): Command {
  return new Command("convert")
    .description("Turn a file of voxels into another kind: .npy, .raw (output only), .ckl, .cpso.")
    .argument("<input>", ".npy, .ckl or .cpso file")
    .argument("<output>", ".npy, .raw, .ckl or .cpso file; it is replaced when it is there")
    .addHelpText("after", examples)
    .action((input: string, output: string) =>
      withEngine(async ({ chunkTools }) => {
        checkOutputName(output, chunkTools);
        const voxels = await readVoxelFile(input, chunkTools);
        signal.throwIfAborted();
        await writeVoxelFile(output, voxels, chunkTools, signal);
      }),
    );
}
