/** `cloudvolume ls`: the names of objects. */
import { Command } from "commander";
import { NotFoundError } from "../errors.ts";
import type { Engine, FileEntry } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";
import { printBytes, printLine } from "./fileOutput.ts";

interface LsOptions {
  readonly recursive: boolean;
  readonly flat: boolean;
  readonly long: boolean;
  readonly expr: boolean;
  readonly json: boolean;
}

const examples = `
Examples:
  cloudvolume ls --flat gs://bucket/layer                  one level; folders end in "/"
  cloudvolume ls 'gs://bucket/layer/8_8_40/0-64*'          what begins with it
  cloudvolume ls 's3://bucket/**.json' | wc -l
  cloudvolume ls -e 'gs://bucket/layer/8_8_40/[12]0[0-9]'  several prefixes at once
  cloudvolume ls --long --json ./layer | jq .size_bytes

A "*" at the end or before a suffix matches within one folder, "**" through all folders below. A location that is no folder lists
what begins with it.`;

export function lsCommand({ signal }: CommandContext): Command {
  return new Command("ls")
    .description("List objects, with everything below.")
    .argument("<location>", "folder, prefix or pattern")
    .option("-r, --recursive", "list everything below (default)", false)
    .option("--flat", "list one level only", false)
    .option("-l, --long", "size and time of each object, too", false)
    .option("-e, --expr", "[abc], [a-c] and [abc]{2} in the location stand for several prefixes", false)
    .option("--json", "print one JSON object a line, for programs", false)
    .addHelpText("after", examples)
    .action((location: string, options: LsOptions) => withEngine((engine) => list(engine, location, options, signal)));
}

async function list({ files }: Engine, location: string, options: LsOptions, signal: AbortSignal): Promise<void> {
  const { flat, recursive, long, expr, json } = options;
  let isEmpty = true;
  const listing = { recursive: recursive || !flat, withSizes: long, isExpression: expr, signal };
  for await (const entry of files.list(location, listing)) {
    isEmpty = false;
    await (json ? printBytes(`${toJson(entry)}\n`) : printLine(long ? toLong(entry) : entry.location));
  }
  const isPlace = !expr && !location.includes("*");
  if (isEmpty && isPlace && !(await files.isFolder(location, { signal }))) {
    throw new NotFoundError(`nothing is there: ${location}`, { hint: "check the name" });
  }
}

function toJson({ location, name, kind, sizeBytes, modifiedMs, etag }: FileEntry): string {
  return JSON.stringify({ location, name, kind, size_bytes: sizeBytes, modified: isoTime(modifiedMs), etag });
}

function toLong({ location, sizeBytes, modifiedMs }: FileEntry): string {
  return `${String(sizeBytes ?? "").padStart(12)}  ${(isoTime(modifiedMs) ?? "").padEnd(24)}  ${location}`;
}

/** 2026-11-23T05:31:07.228Z */
export function isoTime(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
