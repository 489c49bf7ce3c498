#!/usr/bin/env node
/** The command line `cloudvolume`: its verbs, exit codes and cancellation. The only code that prints. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { errorCodes } from "../../../schemas/errors.ts";
import { describeError, toWireError } from "../errors.ts";
import { aliasCommand } from "./alias.ts";
import { catCommand } from "./cat.ts";
import type { CommandContext } from "./context.ts";
import { convertCommand } from "./convert.ts";
import { cpCommand } from "./cp.ts";
import { cutoutCommand } from "./cutout.ts";
import { duCommand } from "./du.ts";
import { existsCommand } from "./exists.ts";
import { headCommand } from "./head.ts";
import { infoCommand } from "./info.ts";
import { lintCommand } from "./lint.ts";
import { lsCommand } from "./ls.ts";
import { lspCommand } from "./lsp.ts";
import { mvCommand } from "./mv.ts";
import { putCommand } from "./put.ts";
import { rmCommand } from "./rm.ts";
import { sampleCommand } from "./sample.ts";
import { touchCommand } from "./touch.ts";

const usageExitCode = 2;

const examples = `
Examples:
  cloudvolume info https://example.org/em/image
  cloudvolume cutout ./seg --bbox 0-512_0-512_0-64 --mip 1 -o seg.npy
  cloudvolume cutout ./seg --mip 3 -o - | sha256sum
  cloudvolume put ./seg part.npy --offset 512_0_0
  cloudvolume convert labels.ckl labels.npy
  cloudvolume sample ./sample
  cloudvolume lint ./seg
  cloudvolume ls --flat gs://bucket/layer
  cloudvolume cp -r gs://bucket/layer ./layer

A LOCATION is a path or URL of a layer, the folder that holds its info file: ./layer, /data/layer, file:///data/layer,
https://host/layer, precomputed://https://host/layer, https://host/layer|neuroglancer-precomputed:
For ls, cat, head, cp, mv, rm, du, exists and touch it is a path or URL of an object or folder, or a pattern.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not permitted, 5 invalid, 6 unsupported, 7 unreachable, 130 cancelled.`;

async function main(): Promise<void> {
  const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
  const cancel = new AbortController();
  const context: CommandContext = { signal: cancel.signal };
  const program = new Command("cloudvolume")
    .description("Read, write and check petavoxel volumes in Neuroglancer's Precomputed format.")
    .version(version)
    .helpCommand(false)
    .showHelpAfterError("(add --help for examples)")
    .addHelpText("after", examples)
    .exitOverride();
  for (const create of [
    infoCommand,
    cutoutCommand,
    putCommand,
    convertCommand,
    sampleCommand,
    lintCommand,
    lspCommand,
    lsCommand,
    catCommand,
    headCommand,
    cpCommand,
    mvCommand,
    rmCommand,
    duCommand,
    existsCommand,
    touchCommand,
    aliasCommand,
  ]) {
    program.addCommand(create(context).exitOverride());
  }
  process.once("SIGINT", () => {
    cancel.abort();
    process.once("SIGINT", () => process.exit(errorCodes.cancelled.exitCode));
  });
  // Whoever reads the output may stop early: `| head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Prints `tag: message` and gives the exit code; commander has printed its own errors already. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : usageExitCode;
  }
  const { tag } = toWireError(error);
  process.stderr.write(`${tag}: ${describeError(error)}\n`);
  return errorCodes[tag].exitCode;
}

await main();
