/** `cloudvolume rm`: objects deleted. */
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { CancelledError } from "../errors.ts";
import { type Engine, toWireError } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";
import {
  countOf,
  noteFailure,
  objectProgress,
  parseParallel,
  printJson,
  printLine,
  readLocations,
} from "./fileOutput.ts";

interface RmOptions {
  readonly recursive: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly parallel?: number;
  readonly json: boolean;
}

const examples = `
Examples:
  cloudvolume rm gs://bucket/layer/info
  cloudvolume rm -r --dry-run gs://bucket/layer            names what would go
  cloudvolume rm -r gs://bucket/layer
  cloudvolume rm 's3://bucket/layer/**.tmp'
  cloudvolume ls 'gs://bucket/**.bak' | cloudvolume rm -

What is not there is no error. With -r, a terminal is asked first; scripts and pipes are not.`;

export function rmCommand({ signal }: CommandContext): Command {
  return new Command("rm")
    .description("Delete objects and folders.")
    .argument("<locations...>", 'objects, patterns, folders with -r; "-" reads their names from stdin')
    .option("-r, --recursive", "delete folders with everything below", false)
    .option("--dry-run", "name what would be deleted, and delete nothing", false)
    .option("-y, --yes", "do not ask", false)
    .option("-p, --parallel <n>", "objects at once (default: 20)", parseParallel)
    .option("--json", "print JSON for programs", false)
    .addHelpText("after", examples)
    .action((locations: readonly string[], options: RmOptions) =>
      withEngine((engine) => remove(engine, locations, options, signal)),
    );
}

async function remove(
  { files }: Engine,
  named: readonly string[],
  options: RmOptions,
  signal: AbortSignal,
): Promise<void> {
  const { recursive, dryRun, json, parallel, yes } = options;
  const locations = await readLocations(named);
  if (recursive && !dryRun && !yes && process.stdin.isTTY && process.stderr.isTTY) {
    await ask(`delete everything below ${locations.join(", ")}? [y/N] `, signal);
  }
  const names: string[] = [];
  const progress = objectProgress("deleted");
  const onObject = (location: string): void => void (dryRun && names.push(location));
  const { count, failures } = await files
    .remove(locations, {
      signal,
      recursive,
      dryRun,
      concurrency: parallel,
      onObject,
      onProgress: progress && ((counts) => progress.show({ ...counts, bytes: 0 })),
      onSkipped: (location) => process.stderr.write(`note: a folder is left alone: ${location}; delete it with -r\n`),
    })
    .finally(() => progress?.end());
  for (const { error } of failures) {
    noteFailure(error, toWireError(error).tag);
  }
  if (json) {
    const failed = failures.map(({ location, error }) => ({ location, error: toWireError(error).message }));
    await printJson({ count, dry_run: dryRun, ...(dryRun && { locations: names }), failures: failed });
    return;
  }
  for (const name of names) {
    await printLine(name);
  }
  await printLine(`${dryRun ? "would delete" : "deleted"} ${countOf(count)}`);
}

/** Throws CancelledError unless the answer is yes. */
async function ask(question: string, signal: AbortSignal): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(question, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new CancelledError("nothing was deleted");
    }
  } finally {
    terminal.close();
  }
}
