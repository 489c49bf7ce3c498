/** File operations over real drivers, in a folder of their own; stores can be wrapped to misbehave. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { createEngineFiles } from "../../../../server/src/engine/engineFiles.ts";
import { createParser } from "../../../../server/src/engine/parseHere.ts";
import { createToolbox, storeKey } from "../../../../server/src/engine/readers.ts";
import type { Files } from "../../../../server/src/files/files.ts";
import type { FileLimits } from "../../../../server/src/files/limits.ts";
import { defaultStoreOptions, type Store, type StoreDriver } from "../../../../server/src/storage/store.ts";

export interface Bench {
  readonly files: Files;
  /** Absolute path of an empty folder. */
  readonly folder: string;
  /** Paths of all files below a folder of it, sorted. */
  tree(below?: string): readonly string[];
}

export interface BenchOptions {
  readonly limits?: Partial<FileLimits>;
  readonly wrap?: (store: Store) => Store;
  /** Default: those of the engine. */
  readonly drivers?: readonly StoreDriver[];
}

export function openBench({ limits = {}, wrap = (store) => store, drivers }: BenchOptions = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), "cloudvolume-files-"));
  const toolbox = createToolbox(drivers);
  const stores = new Map<string, Store>();
  onTestFinished(async () => {
    await Promise.all([...stores.values()].map((store) => store.dispose?.()));
    rmSync(folder, { recursive: true, force: true });
  });
  const openStore = (location: Store["location"]): Store => {
    const key = storeKey(location);
    const store = stores.get(key) ?? wrap(toolbox.openStore(location, defaultStoreOptions));
    stores.set(key, store);
    return store;
  };
  return {
    files: createEngineFiles(toolbox, { parse: createParser(() => undefined), openStore }, limits),
    folder,
    tree: (below = "") => treeOf(join(folder, below)),
  };
}

function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export function writeAll(folder: string, contents: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** The folder on which CloudFiles was asked: eight objects, two of them compressed. */
export function writeSources(folder: string): void {
  writeAll(folder, {
    "src/a.txt": "hello",
    "src/b.txt": "world",
    "src/a1.dat": "x",
    "src/a2.dat": "y",
    "src/c.txt.gz": gzipSync("zipped text"),
    "src/sub/d.txt": "sub",
    "src/sub/f.txt.br": brotliCompressSync("brotli text"),
    "src/sub/deep/e.bin": "deep",
    "dst/old": "old",
  });
}

export const read = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

/** Bytes that differ everywhere, the same for the same seed. */
export function noise(sizeBytes: number, seed = "noise"): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let offset = 0, i = 0; offset < sizeBytes; offset += 32, i++) {
    const block = createHash("sha256").update(`${seed}${i}`).digest();
    bytes.set(block.subarray(0, Math.min(32, sizeBytes - offset)), offset);
  }
  return bytes;
}

export async function namesOf(entries: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of entries) {
    names.push(name);
  }
  return names;
}

export const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);
export const utf8 = (content: string): Uint8Array => new TextEncoder().encode(content);
