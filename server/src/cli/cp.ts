/** `cloudvolume cp` and what it shares with `mv`: objects from one place to another. */
import { Command, Option } from "commander";
import { InvalidArgumentError } from "../errors.ts";
import type { CopyFilesOptions, Engine, Recompression } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";
import { countOf, noteSkipped, objectProgress, parseParallel, printContent, readLocations } from "./fileOutput.ts";

interface CpOptions {
  readonly recursive: boolean;
  readonly compression: Recompression;
  readonly resumable: boolean;
  readonly parallel?: number;
  readonly overwrite: boolean;
  readonly stdin: boolean;
}

const examples = `
Examples:
  cloudvolume cp gs://bucket/layer/info .                  an object into a folder that is there, under its name
  cloudvolume cp -r gs://bucket/layer ./layer              a folder with everything below
  cloudvolume cp 's3://bucket/layer/8_8_40/**' s3://other/layer/8_8_40
  cloudvolume cp -c br -r ./layer gs://bucket/layer        compressed anew
  cloudvolume cp --resumable https://host/large.bin .      goes on where an earlier attempt failed
  cloudvolume ls 'gs://bucket/layer/**' | shuf -n 100 | cloudvolume cp - ./some
  cloudvolume cp gs://bucket/layer/info - | jq .type
  jq '.type = "image"' info | cloudvolume cp --stdin gs://bucket/layer/info

A destination that is a folder, or ends in "/", takes sources under their own names. "*" matches within a folder, "**" below it, too. A target is
replaced as a whole or not at all.`;

export function cpCommand({ signal }: CommandContext): Command {
  return new Command("cp")
    .description("Copy objects and folders between files, buckets and web servers.")
    .usage("[options] <source...> <destination>")
    .argument("<paths...>", 'sources, "-" for names on stdin, then the destination, "-" for stdout')
    .option("-r, --recursive", "copy folders with everything below", false)
    .addOption(
      new Option("-c, --compression <how>", "compression at the destination")
        .choices(["same", "none", "gzip", "br", "zstd"])
        .default("same"),
    )
    .option("--resumable", "keep the part of a large download that arrived, and go on from there the next time", false)
    .option("-p, --parallel <n>", "objects at once (default: 20)", parseParallel)
    .option("--no-overwrite", "fail where the destination is there already")
    .option("--stdin", "copy what comes on stdin to the destination", false)
    .addHelpText("after", examples)
    .action((paths: readonly string[], options: CpOptions) =>
      withEngine((engine) => copy(engine, paths, { ...options, signal })),
    );
}

async function copy(
  engine: Engine,
  paths: readonly string[],
  options: CpOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { signal, compression, recursive, overwrite } = options;
  if (options.stdin) {
    await copyStdin(engine, paths, options);
    return;
  }
  const { sources, destination, isList } = await readPaths(paths);
  if (destination === "-") {
    await printSources(engine, sources, { recursive, signal });
    return;
  }
  await transferAll("copied", (progress) =>
    engine.files.copy(sources, destination, {
      ...progress,
      signal,
      recursive,
      overwrite,
      keepFolders: isList,
      recompress: compression,
      resumable: options.resumable,
      concurrency: options.parallel,
    }),
  );
}

/** Sources and destination; the sources are a list if they came on stdin. */
export async function readPaths(
  paths: readonly string[],
): Promise<{ readonly sources: readonly string[]; readonly destination: string; readonly isList: boolean }> {
  const destination = paths.at(-1);
  const named = paths.slice(0, -1);
  if (destination === undefined || named.length === 0) {
    throw new InvalidArgumentError("a destination is missing", { hint: "name the sources, then the destination" });
  }
  const sources = await readLocations(named);
  return { sources, destination, isList: sources !== named };
}

/** Copies or moves with progress; tells what is left out, and on a terminal what was done. */
export async function transferAll(
  done: string,
  run: (
    options: Pick<CopyFilesOptions, "allowMissing" | "onProgress" | "onSkipped">,
  ) => Promise<{ readonly count: number }>,
): Promise<void> {
  const progress = objectProgress(done);
  const result = await run({ allowMissing: true, onProgress: progress?.show, onSkipped: noteSkipped }).finally(() =>
    progress?.end(),
  );
  if (process.stderr.isTTY) {
    process.stderr.write(`${done} ${countOf(result.count)}\n`);
  }
}

async function printSources(
  engine: Engine,
  sources: readonly string[],
  { recursive, signal }: { readonly recursive: boolean; readonly signal: AbortSignal },
): Promise<void> {
  for (const source of sources) {
    const isFolder = recursive && !(await engine.files.exists(source.replace(/\/+$/, ""), { signal }));
    if (!source.includes("*") && !isFolder) {
      await printContent(engine, source, { signal });
      continue;
    }
    for await (const { location, kind } of engine.files.list(source, { signal })) {
      if (kind === "object") {
        await printContent(engine, location, { signal });
      }
    }
  }
}

async function copyStdin(
  engine: Engine,
  [destination, ...others]: readonly string[],
  { compression, overwrite, signal }: CpOptions & { readonly signal: AbortSignal },
): Promise<void> {
  if (destination === undefined || others.length > 0) {
    throw new InvalidArgumentError("stdin is copied to one destination", { hint: "name the destination alone" });
  }
  const bytes: Buffer[] = [];
  for await (const chunk of process.stdin) {
    bytes.push(chunk as Buffer); // no encoding is set
  }
  await engine.files.write(destination, Buffer.concat(bytes), {
    signal,
    compress: compression === "same" ? "none" : compression,
    ...(!overwrite && { onlyIf: "absent" }),
  });
}
