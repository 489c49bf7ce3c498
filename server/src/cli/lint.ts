/** `cloudvolume lint`: checks metadata files and prints what it finds. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Command, Option } from "commander";
import { NotFoundError } from "../errors.ts";
import type { Engine } from "../index.ts";
import { parseLintConfig } from "../lint/config.ts";
import { type LintInput, runLint } from "../lint/report.ts";
import { type CommandContext, withEngine } from "./context.ts";

interface LintOptions {
  readonly format: "text" | "json";
  readonly rule: readonly string[];
  readonly target: readonly string[];
}

const examples = `
Examples:
  cloudvolume lint ./seg/info
  cloudvolume lint ./seg https://example.org/em/image            their info and provenance
  cloudvolume lint ./seg --rule PCV009=off --target neuroglancer
  cloudvolume lint ./seg --format json

Prints file:line:column: severity RULE message, and exits with 5 when there is an error.`;

const documents = ["info", "provenance"] as const;

export function lintCommand({ signal }: CommandContext): Command {
  const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
  return new Command("lint")
    .description("Check info and provenance files.")
    .argument("<paths...>", "files, folders or locations of layers")
    .addOption(new Option("--format <format>", "how to print findings").choices(["text", "json"]).default("text"))
    .option(
      "--rule <ID=severity>",
      "severity of a rule: off, hint, information, warning, error; may be repeated",
      collect,
      [],
    )
    .option(
      "--target <reader>",
      "reader to think of: neuroglancer, cloudvolume, tensorstore, igneous, spec; may be repeated",
      collect,
      [],
    )
    .addHelpText("after", examples)
    .action(async (paths: string[], options: LintOptions) => {
      const inputs = await withEngine(async (engine) => {
        const found = await Promise.all(paths.map((name) => readInputs(engine, name, signal)));
        return found.flat();
      });
      const { config, problems } = parseLintConfig(configOf(options));
      for (const problem of problems) {
        process.stderr.write(`invalid_argument: ${problem}\n`);
      }
      const { output, exitCode } = runLint(inputs, { format: options.format, config });
      process.stdout.write(output);
      process.exitCode = exitCode;
    });
}

function configOf({ rule, target }: LintOptions): object {
  const rules = Object.fromEntries(rule.map((text) => text.split("=", 2)));
  return { rules, ...(target.length === 0 ? {} : { targets: target }) };
}

/** The documents that a path names: itself, or the info and provenance of a folder or location. */
async function readInputs(engine: Engine, name: string, signal: AbortSignal): Promise<LintInput[]> {
  const facts = await stat(name).catch(() => undefined);
  if (facts?.isFile()) {
    return [{ name, text: decode(await readFile(name)) }];
  }
  const single = /^(.*)\/(info|provenance)$/.exec(name);
  const [folder, keys] = single === null ? [name, documents] : [single[1] as string, [single[2] as string]];
  const store = engine.openStore(folder);
  const inputs: LintInput[] = [];
  for (const key of keys) {
    const text = await engine.readText(store, key, { signal });
    if (text !== undefined) {
      inputs.push({ name: facts?.isDirectory() ? path.join(name, key) : `${folder.replace(/\/$/, "")}/${key}`, text });
    }
  }
  if (inputs.length === 0) {
    throw new NotFoundError(`nothing to check here: ${store.location.text}`, {
      hint: "name an info or provenance file, or the folder that holds it",
    });
  }
  return inputs;
}

/** A byte order mark stays: it is one of the things that are checked. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
