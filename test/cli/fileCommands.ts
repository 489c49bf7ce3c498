/** Runs file commands in a folder like the one on which CloudFiles was asked, beside a web server. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

const script = path.resolve(import.meta.dirname, "../../out/server/cli.js");

export const everything = [
  "a.txt",
  "a1.dat",
  "a2.dat",
  "b.txt",
  "c.txt.gz",
  "sub/d.txt",
  "sub/deep/e.bin",
  "sub/f.txt.br",
];

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Ctrl+C when it settles. */
  readonly signalAfter?: Promise<unknown>;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly folder: string;
  run(...args: string[]): Promise<Run>;
  runWith(options: RunOptions, ...args: string[]): Promise<Run>;
  /** Files below a folder of the bench, sorted. */
  tree(below: string): readonly string[];
  /** Lines of locations. */
  at(...names: string[]): string;
}

/** A folder of its own for one test: eight objects in `src`, two of them compressed, and `dst/old`. */
export function openBench(): Bench {
  const folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-cli-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const contents: Readonly<Record<string, string | Uint8Array>> = {
    "src/a.txt": "hello",
    "src/b.txt": "world",
    "src/a1.dat": "x",
    "src/a2.dat": "y",
    "src/c.txt.gz": gzipSync("zipped text"),
    "src/sub/d.txt": "sub",
    "src/sub/f.txt.br": brotliCompressSync("brotli text"),
    "src/sub/deep/e.bin": "deep",
    "dst/old": "old",
  };
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const runWith: Bench["runWith"] = (options, ...args) => runIn(folder, options, args);
  return {
    folder,
    runWith,
    run: (...args) => runWith({}, ...args),
    tree: (below) => treeOf(path.join(folder, below)),
    at: (...names) => lines(...names.map((name) => `file://${folder}/${name}`)),
  };
}

export const lines = (...names: string[]): string => names.map((name) => `${name}\n`).join("");

function runIn(cwd: string, { input = "", signalAfter, env = {} }: RunOptions, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => out.push(data));
  child.stderr.on("data", (data: Buffer) => errors.push(data));
  child.stdin.end(input);
  void signalAfter?.then(() => child.kill("SIGINT"));
  return new Promise((resolve) =>
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() }),
    ),
  );
}

function treeOf(root: string): readonly string[] {
  return existsSync(root)
    ? readdirSync(root, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        .sort()
    : [];
}
