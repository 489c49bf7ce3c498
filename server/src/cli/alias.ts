/** `cloudvolume alias`: names for S3-compatible stores, kept where CloudFiles keeps them. */
import { Command } from "commander";
import { NotFoundError } from "../errors.ts";
import { addPersistentAlias, officialAliases, readPersistentAliases, removePersistentAlias } from "../index.ts";
import type { CommandContext } from "./context.ts";
import { printJson, printLine } from "./fileOutput.ts";

const examples = `
Examples:
  cloudvolume alias add example s3://https://example.com/
  cloudvolume ls example://bucket/layer
  cloudvolume alias rm example

Aliases are kept in aliases.json in $CLOUD_FILES_DIR (default: ~/.cloudfiles), as CloudFiles does.`;

export function aliasCommand(_: CommandContext): Command {
  const alias = new Command("alias")
    .description("Names for S3-compatible stores, for use in front of ://.")
    .addHelpText("after", examples);
  alias
    .command("add")
    .description("Add an alias, or give it another host.")
    .argument("<name>", "what stands in front of ://")
    .argument("<host>", "s3://https://host/ or https://host")
    .action((name: string, host: string) => addPersistentAlias(name, host));
  alias
    .command("ls")
    .description("List all aliases.")
    .option("--json", "print JSON for programs", false)
    .action(({ json }: { json: boolean }) => list(json));
  alias
    .command("rm")
    .description("Remove an alias.")
    .argument("<name>", "an alias of yours")
    .action((name: string) => {
      if (!removePersistentAlias(name)) {
        throw new NotFoundError(`there is no such alias of yours: "${name}"`, {
          hint: `list them: "cloudvolume alias ls"`,
        });
      }
    });
  for (const command of alias.commands) {
    command.exitOverride();
  }
  return alias;
}

async function list(json: boolean): Promise<void> {
  const all = [
    ...Object.entries(readPersistentAliases()).map(([name, endpoint]) => ({ name, endpoint, official: false })),
    ...Object.entries(officialAliases).map(([name, endpoint]) => ({ name, endpoint, official: true })),
  ];
  if (json) {
    await printJson(all.map(({ name, endpoint, official }) => ({ name, host: `s3://${endpoint}/`, official })));
    return;
  }
  for (const { name, endpoint, official } of all) {
    await printLine(`${`${name}://`.padEnd(15)} -> s3://${endpoint}/${official ? " (official)" : ""}`);
  }
}
