/** `cloudvolume cat`: the content of objects on stdout. */
import { Command, InvalidArgumentError as InvalidOption } from "commander";
import { InvalidArgumentError } from "../errors.ts";
import type { ByteRange, Engine } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";
import { noObject, printBytes, printContent, readLocations } from "./fileOutput.ts";

interface CatOptions {
  readonly range?: ByteRange;
  readonly raw: boolean;
}

const examples = `
Examples:
  cloudvolume cat gs://bucket/layer/info | jq .scales[0]
  cloudvolume cat -r 0-1024 s3://bucket/large.bin | xxd
  cloudvolume cat --raw ./layer/8_8_40/0-64_0-64_0-64 | file -`;

export function catCommand({ signal }: CommandContext): Command {
  return new Command("cat")
    .description("Print objects, decompressed, one after the other.")
    .argument("<locations...>", 'objects; "-" reads their names from stdin')
    .option(
      "-r, --range <a-b>",
      "bytes from a up to but not including b of one object; a- and -b work, too",
      parseRange,
    )
    .option("--raw", "print what is stored, without decompressing it", false)
    .addHelpText("after", examples)
    .action((locations: readonly string[], options: CatOptions) =>
      withEngine(async (engine) => printAll(engine, await readLocations(locations), { ...options, signal })),
    );
}

async function printAll(
  engine: Engine,
  locations: readonly string[],
  { range, raw, signal }: CatOptions & { readonly signal: AbortSignal },
): Promise<void> {
  if (range !== undefined && locations.length !== 1) {
    throw new InvalidArgumentError("a range is of one object", { hint: "name one location" });
  }
  for (const location of locations) {
    if (range === undefined) {
      await printContent(engine, location, { raw, signal });
      continue;
    }
    const content = await engine.files.read(location, { range, raw, signal });
    if (content === undefined) {
      throw noObject(location);
    }
    await printBytes(content.bytes);
  }
}

/** `a-b`, `a-`, `-b`, as in CloudFiles: a missing a is the start, a missing b the end. */
function parseRange(text: string): ByteRange {
  const [, start, end] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? [];
  if (start === undefined || end === undefined || start + end === "" || (end !== "" && Number(end) < Number(start))) {
    throw new InvalidOption("expected a-b, as in 0-1024");
  }
  return { start: Number(start), ...(end !== "" && { end: Number(end) }) };
}
