/** `cloudvolume touch`: empty objects where there are none. */
import { Command } from "commander";
import { type CommandContext, withEngine } from "./context.ts";

const examples = `
Examples:
  cloudvolume touch gs://bucket/layer/done
  cloudvolume touch ./a ./b`;

export function touchCommand({ signal }: CommandContext): Command {
  return new Command("touch")
    .description("Make empty objects where there are none; what is there stays as it is.")
    .argument("<locations...>", "objects")
    .addHelpText("after", examples)
    .action((locations: readonly string[]) =>
      withEngine(async ({ files }) => {
        for (const location of locations) {
          await files.touch(location, { signal });
        }
      }),
    );
}
