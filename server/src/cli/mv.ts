/** `cloudvolume mv`: objects and folders to another place. */
import { Command } from "commander";
import { type CommandContext, withEngine } from "./context.ts";
import { readPaths, transferAll } from "./cp.ts";
import { parseParallel } from "./fileOutput.ts";

interface MvOptions {
  readonly parallel?: number;
  readonly overwrite: boolean;
}

const examples = `
Examples:
  cloudvolume mv ./info gs://bucket/layer/info
  cloudvolume mv gs://bucket/layer gs://bucket/old/       a folder with everything below: gs://bucket/old/layer
  cloudvolume mv 's3://bucket/**.tmp' s3://bucket/trash/

The rules are those of "cp -r". A source is deleted when its copy is whole.`;

export function mvCommand({ signal }: CommandContext): Command {
  return new Command("mv")
    .description("Move objects and folders, also between files and buckets.")
    .usage("[options] <source...> <destination>")
    .argument("<paths...>", 'sources, "-" for names on stdin, then the destination')
    .option("-p, --parallel <n>", "objects at once (default: 20)", parseParallel)
    .option("--no-overwrite", "fail where the destination is there already")
    .addHelpText("after", examples)
    .action((paths: readonly string[], { parallel, overwrite }: MvOptions) =>
      withEngine(async ({ files }) => {
        const { sources, destination, isList } = await readPaths(paths);
        await transferAll("moved", (progress) =>
          files.move(sources, destination, {
            ...progress,
            signal,
            overwrite,
            keepFolders: isList,
            concurrency: parallel,
          }),
        );
      }),
    );
}
