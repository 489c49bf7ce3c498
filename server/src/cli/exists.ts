/** `cloudvolume exists`: are objects there? */
import { Command } from "commander";
import { type CommandContext, withEngine } from "./context.ts";
import { printJson, printLine } from "./fileOutput.ts";

const examples = `
Examples:
  cloudvolume exists gs://bucket/layer/info && echo there
  cloudvolume exists gs://bucket/layer/                    a folder
  cloudvolume exists ./a ./b --json

Exit code 0 if all are there, 1 if one is not; other failures as everywhere.`;

export function existsCommand({ signal }: CommandContext): Command {
  return new Command("exists")
    .description("Say whether objects are there.")
    .argument("<locations...>", 'objects; folders end in "/"')
    .option("--json", "print JSON for programs: true or false by location", false)
    .addHelpText("after", examples)
    .action((locations: readonly string[], { json }: { json: boolean }) =>
      withEngine(async ({ files }) => {
        const found: (readonly [string, boolean])[] = [];
        for (const location of locations) {
          found.push([location, await files.exists(location, { signal })]);
        }
        if (json) {
          await printJson(Object.fromEntries(found));
        } else {
          for (const [location, isThere] of found) {
            await printLine(`${isThere ? "there" : "absent"}\t${location}`);
          }
        }
        if (found.some(([, isThere]) => !isThere)) {
          process.exitCode = 1;
        }
      }),
    );
}
