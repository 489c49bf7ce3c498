/** `cloudvolume du`: what objects take, as stored. */
import { Command } from "commander";
import { NotFoundError } from "../errors.ts";
import type { Engine, FilesSize } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";
import { printJson, printLine } from "./fileOutput.ts";

interface DuOptions {
  readonly summarize: boolean;
  readonly humanReadable: boolean;
  readonly grandTotal: boolean;
  readonly countFiles: boolean;
  readonly json: boolean;
}

const examples = `
Examples:
  cloudvolume du -sh gs://bucket/layer
  cloudvolume du -shcN gs://bucket/layer/8_8_40 gs://bucket/layer/16_16_40
  cloudvolume du -s --json ./layer | jq .total.bytes`;

export function duCommand({ signal }: CommandContext): Command {
  return new Command("du")
    .description("Show the stored size of objects and folders.")
    .argument("<locations...>", "objects, folders, patterns")
    .option("-s, --summarize", "one line for each location", false)
    .option("-h, --human-readable", "sizes in KiB, MiB, …", false)
    .option("-c, --grand-total", "the sum of all locations, too", false)
    .option("-N, --count-files", "the number of objects, too", false)
    .option("--json", "print JSON for programs: sums", false)
    .helpOption("--help", "display help for command")
    .addHelpText("after", examples)
    .action((locations: readonly string[], options: DuOptions) =>
      withEngine((engine) => printSizes(engine, locations, options, signal)),
    );
}

async function printSizes(
  engine: Engine,
  locations: readonly string[],
  options: DuOptions,
  signal: AbortSignal,
): Promise<void> {
  const show = (bytes: number): string => (options.humanReadable ? toHuman(bytes) : String(bytes));
  const sums: (FilesSize & { readonly location: string })[] = [];
  for (const location of locations) {
    const each =
      options.summarize || options.json
        ? undefined
        : (name: string, bytes: number) => printLine(`${show(bytes)}\t${name}`);
    const sum = await sizeOf(engine, location, { each, signal });
    sums.push({ location, ...sum });
    if (options.summarize && !options.json) {
      await printLine(`${show(sum.bytes)}\t${location}`);
    }
  }
  const total = {
    count: sums.reduce((count, sum) => count + sum.count, 0),
    bytes: sums.reduce((bytes, sum) => bytes + sum.bytes, 0),
  };
  if (options.json) {
    await printJson({ locations: sums, total });
    return;
  }
  if (options.grandTotal) {
    await printLine(`${show(total.bytes)}\tbytes total`);
  }
  if (options.countFiles) {
    await printLine(`${total.count}\tfiles total`);
  }
}

/** Throws NotFoundError where nothing is. */
async function sizeOf(
  { files }: Engine,
  location: string,
  {
    each,
    signal,
  }: { readonly each: ((name: string, bytes: number) => Promise<void>) | undefined; readonly signal: AbortSignal },
): Promise<FilesSize> {
  const stat = location.includes("*") ? undefined : await files.stat(location, { signal });
  if (stat !== undefined) {
    await each?.(location, stat.sizeBytes ?? 0);
    return { count: 1, bytes: stat.sizeBytes ?? 0 };
  }
  if (!location.includes("*") && !(await files.isFolder(location, { signal }))) {
    throw new NotFoundError(`nothing is there: ${location}`, { hint: "check the name" });
  }
  let count = 0;
  let bytes = 0;
  for await (const { name, kind, sizeBytes = 0 } of files.list(location, { withSizes: true, signal })) {
    if (kind === "object") {
      count++;
      bytes += sizeBytes;
      await each?.(name, sizeBytes);
    }
  }
  return { count, bytes };
}

/** As CloudFiles: `65 bytes`, `2.86 MiB`. */
function toHuman(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
}
