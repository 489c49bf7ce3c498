/** `cloudvolume head`: what a store knows of objects. */
import { Command } from "commander";
import type { Engine, ObjectStat } from "../index.ts";
import { type CommandContext, formatBytes, withEngine } from "./context.ts";
import { noObject, printJson, printLine } from "./fileOutput.ts";
import { isoTime } from "./ls.ts";

const examples = `
Examples:
  cloudvolume head gs://bucket/layer/info
  cloudvolume head s3://bucket/a s3://bucket/b --json | jq .[].etag`;

export function headCommand({ signal }: CommandContext): Command {
  return new Command("head")
    .description("Show the facts of objects: size, type, encoding, cache control, etag, time.")
    .argument("<locations...>", "objects")
    .option("--json", "print JSON for programs: an array", false)
    .addHelpText("after", examples)
    .action((locations: readonly string[], { json }: { json: boolean }) =>
      withEngine(async (engine) => {
        const all = await statAll(engine, locations, signal);
        if (json) {
          await printJson(all.map(([location, stat]) => toJson(location, stat)));
          return;
        }
        for (const line of all.flatMap(([location, stat]) => toLines(location, stat))) {
          await printLine(line);
        }
      }),
    );
}

async function statAll(
  { files }: Engine,
  locations: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [string, ObjectStat])[]> {
  const all: (readonly [string, ObjectStat])[] = [];
  for (const location of locations) {
    const stat = await files.stat(location, { signal });
    if (stat === undefined) {
      throw noObject(location);
    }
    all.push([location, stat]);
  }
  return all;
}

function toJson(location: string, stat: ObjectStat): object {
  return {
    location,
    size_bytes: stat.sizeBytes,
    content_encoding: stat.encoding,
    content_type: stat.contentType,
    cache_control: stat.cacheControl,
    etag: stat.etag,
    modified: isoTime(stat.modifiedMs),
    storage_class: stat.storageClass,
    version: stat.version,
  };
}

function toLines(location: string, stat: ObjectStat): readonly string[] {
  const { sizeBytes } = stat;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["size", sizeBytes === undefined ? undefined : `${sizeBytes} (${formatBytes(sizeBytes)})`],
    ["encoding", stat.encoding],
    ["type", stat.contentType],
    ["cache control", stat.cacheControl],
    ["etag", stat.etag],
    ["modified", isoTime(stat.modifiedMs)],
    ["storage class", stat.storageClass],
    ["version", stat.version],
  ];
  const known = rows.filter(([, value]) => value !== undefined);
  return [location, ...known.map(([name, value]) => `  ${name.padEnd(13)}  ${value}`)];
}
