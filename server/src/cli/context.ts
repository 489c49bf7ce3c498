/** What every verb gets, and what they share: an engine with a lifetime, progress on a terminal, checked arguments. */
import { InvalidArgumentError as InvalidOption } from "commander";
import type { Bbox } from "../base/bbox.ts";
import * as bbox from "../base/bbox.ts";
import type { Vec3 } from "../base/vec3.ts";
import { createEngine, type Engine, type ReadProgress } from "../index.ts";

export interface CommandContext {
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

/** Runs `work` with an engine of its own, whose threads and connections end with it. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = createEngine();
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

const redrawMs = 100;

/** Draws progress on stderr while it is a terminal; `undefined` where it is not. */
export function progressBar(verb: string): { show(progress: ReadProgress): void; end(): void } | undefined {
  if (!process.stderr.isTTY) {
    return undefined;
  }
  let drawnAt = 0;
  return {
    show({ chunksDone, chunksTotal, storedBytes }) {
      const isLast = chunksDone === chunksTotal;
      if (!isLast && Date.now() - drawnAt < redrawMs) {
        return;
      }
      drawnAt = Date.now();
      const percent = Math.floor((100 * chunksDone) / Math.max(1, chunksTotal));
      process.stderr.write(
        `\r\u001b[K${verb} ${percent}% · ${chunksDone} of ${chunksTotal} chunks · ${formatBytes(storedBytes)}`,
      );
    },
    end: () => void process.stderr.write("\r\u001b[K"),
  };
}

/** 1536 -> "1.5 KiB" */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** Option parsers: what they throw is a usage error. */
export function parseBox(text: string): Bbox {
  try {
    return bbox.fromFilename(text);
  } catch {
    throw new InvalidOption("expected x0-x1_y0-y1_z0-z1, as in 0-64_0-64_0-64");
  }
}

export function parseTriple(text: string): Vec3 {
  const parts = text.split("_").map(Number);
  if (parts.length !== 3 || !parts.every(Number.isSafeInteger) || text.split("_").includes("")) {
    throw new InvalidOption("expected x_y_z, as in 512_0_0");
  }
  return parts as unknown as Vec3;
}

export function parseWhole(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidOption("expected a whole number");
  }
  return value;
}

/** A voxel value: an integer of any size, or a decimal number. */
export function parseValue(text: string): number | bigint {
  if (/^-?\d+$/.test(text)) {
    return BigInt(text);
  }
  if (text.trim() === "" || Number.isNaN(Number(text))) {
    throw new InvalidOption("expected a number");
  }
  return Number(text);
}
