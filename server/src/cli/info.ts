/** `cloudvolume info`: what a volume is, as a table or as JSON. */
import { Command } from "commander";
import { size, toFilename } from "../base/bbox.ts";
import * as vec3 from "../base/vec3.ts";
import type { CloudVolume, Provenance, Scale } from "../index.ts";
import { type CommandContext, withEngine } from "./context.ts";

const examples = `
Examples:
  cloudvolume info ./seg
  cloudvolume info https://example.org/em/image --json | jq .scales[0].resolution_nm`;

export function infoCommand({ signal }: CommandContext): Command {
  return new Command("info")
    .description("Show what a volume is: its type, its scales, its provenance.")
    .argument("<location>", "layer to read")
    .option("--json", "print JSON for programs", false)
    .addHelpText("after", examples)
    .action((location: string, { json }: { json: boolean }) =>
      withEngine(async (engine) => {
        const volume = await engine.openVolume(location, { signal });
        const provenance = await volume.provenance({ signal });
        process.stdout.write(json ? toJson(volume, provenance) : toText(volume, provenance));
      }),
    );
}

const chunkCount = (scale: Scale): number => vec3.product(vec3.ceil(vec3.divide(size(scale.bounds), scale.chunkSize)));

function toJson(volume: CloudVolume, provenance: Provenance): string {
  const scales = volume.scales.map((scale, mip) => ({
    mip,
    key: scale.key,
    size: size(scale.bounds),
    voxel_offset: scale.bounds.min,
    resolution_nm: scale.resolutionNm,
    chunk_size: scale.chunkSize,
    encoding: scale.encoding,
    chunks: chunkCount(scale),
    sharded: scale.isSharded,
  }));
  const { location, redirectedFrom, layerType, dtype, channels, info } = volume;
  const document = {
    location,
    redirectedFrom,
    type: layerType,
    data_type: dtype,
    num_channels: channels,
    scales,
    provenance,
    info,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function toText(volume: CloudVolume, provenance: Provenance): string {
  const rows = volume.scales.map((scale, mip) => [
    String(mip),
    scale.key,
    size(scale.bounds).join(" × "),
    toFilename(scale.bounds),
    scale.resolutionNm.join(" × "),
    scale.chunkSize.join(" × "),
    scale.encoding + (scale.isSharded ? ", sharded" : ""),
    chunkCount(scale).toLocaleString("en-US"),
  ]);
  const table = formatTable([
    ["mip", "key", "size (voxels)", "bounds", "resolution (nm)", "chunk", "encoding", "chunks"],
    ...rows,
  ]);
  const channels = `${volume.channels} channel${volume.channels === 1 ? "" : "s"}`;
  const lines = [
    volume.location,
    ...volume.redirectedFrom.map((location) => `redirected from ${location}`),
    `${volume.layerType}, ${volume.dtype}, ${channels}, ${volume.scales.length} scale${volume.scales.length === 1 ? "" : "s"}`,
    "",
    ...table,
    ...(provenance.description === "" ? [] : ["", `provenance: ${provenance.description}`]),
    ...(provenance.owners.length === 0 ? [] : [`owners: ${provenance.owners.join(", ")}`]),
  ];
  return `${lines.map(withoutControls).join("\n")}\n`;
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}

/** Text from a bucket must not steer the terminal. */
function withoutControls(line: string): string {
  return line.replace(/\p{Cc}/gu, "\ufffd");
}
