/** `cloudvolume sample`: writes the built-in sample. */
import { Command } from "commander";
import { writeSample } from "../sample/writeSample.ts";
import { type CommandContext, progressBar } from "./context.ts";

const examples = `
Examples:
  cloudvolume sample ./sample
  cloudvolume info ./sample/segmentation`;

export function sampleCommand({ signal }: CommandContext): Command {
  return new Command("sample")
    .description("Write a small synthetic volume: an image that looks like electron microscopy, and its segmentation.")
    .argument("<folder>", "where to write it; made if absent, and kept as it is when it holds the sample already")
    .addHelpText("after", examples)
    .action(async (folder: string) => {
      const progress = progressBar("writing");
      const onProgress = (chunksDone: number, chunksTotal: number): void =>
        progress?.show({ chunksDone, chunksTotal, storedBytes: 0 });
      const { location } = await writeSample(folder, { signal, onProgress }).finally(() => progress?.end());
      process.stdout.write(`${location}\n`);
    });
}
