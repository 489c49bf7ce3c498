/** What the file commands print: lines of names, contents, progress, and what they left out. */
import { createInterface } from "node:readline";
import { InvalidArgumentError as InvalidOption } from "commander";
import { NotFoundError } from "../errors.ts";
import {
  describeError,
  type Engine,
  errorCodes,
  type FilesProgress,
  type SkippedSource,
  type VolumeError,
} from "../index.ts";
import { formatBytes } from "./context.ts";

/** Prints a line. A terminal is not steered by names from a bucket; a pipe gets them as they are. */
export function printLine(line: string): Promise<void> {
  return printBytes(`${process.stdout.isTTY ? withoutControls(line) : line}\n`);
}

/** Prints bytes; they may be used again when it resolves. */
export function printBytes(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

export function printJson(value: unknown): Promise<void> {
  return printBytes(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints the content of an object, decompressed unless `raw`. Throws NotFoundError. */
export async function printContent(
  { files }: Engine,
  location: string,
  options: { readonly signal: AbortSignal; readonly raw?: boolean },
): Promise<void> {
  const parts = await files.readParts(location, options);
  if (parts === undefined) {
    throw noObject(location);
  }
  for await (const bytes of parts) {
    await printBytes(bytes);
  }
}

export function noObject(location: string): NotFoundError {
  return new NotFoundError(`there is no such object: ${location}`, {
    hint: `check the name with "cloudvolume ls"`,
  });
}

/** Tells on stderr what a command left out; what was named itself makes the exit code that of the error. */
export function noteSkipped({ error, isMatch }: SkippedSource): void {
  noteFailure(error, isMatch ? undefined : error.tag);
}

/** Tells on stderr what failed while the rest goes on. */
export function noteFailure(error: Error, tag: VolumeError["tag"] | undefined): void {
  process.stderr.write(`${tag === undefined ? "note" : tag}: ${withoutControls(describeError(error))}\n`);
  if (tag !== undefined) {
    process.exitCode ??= errorCodes[tag].exitCode;
  }
}

/** Locations of the command line; a lone `-` stands for those on stdin, one a line. */
export async function readLocations(locations: readonly string[]): Promise<readonly string[]> {
  if (locations.length !== 1 || locations[0] !== "-") {
    return locations;
  }
  const lines: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "") {
      lines.push(line);
    }
  }
  return lines;
}

const redrawMs = 100;

/** Draws how many objects are done, on stderr while it is a terminal; `undefined` where it is not. */
export function objectProgress(verb: string): { show(progress: FilesProgress): void; end(): void } | undefined {
  if (!process.stderr.isTTY) {
    return undefined;
  }
  let drawnAt = 0;
  return {
    show({ doneCount, totalCount, bytes }) {
      if (Date.now() - drawnAt >= redrawMs) {
        drawnAt = Date.now();
        process.stderr.write(`\r\u001b[K${verb} ${doneCount} of ${totalCount} objects · ${formatBytes(bytes)}`);
      }
    },
    end: () => void process.stderr.write("\r\u001b[K"),
  };
}

/** `1 object`, `2 objects` */
export function countOf(count: number): string {
  return `${count} object${count === 1 ? "" : "s"}`;
}

/** Option parser: objects at once. */
export function parseParallel(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 256) {
    throw new InvalidOption("expected a whole number from 1 to 256");
  }
  return value;
}

function withoutControls(line: string): string {
  return line.replace(/\p{Cc}/gu, "\ufffd");
}
