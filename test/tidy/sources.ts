/** The repository's own files as the tidy tests see them: everything but what is installed or built. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const skippedFolders = new Set(["node_modules", "out", ".git", ".venv"]);

/** Paths of files, relative to the repository with `/`, in order; `isWanted` picks. */
export function listFiles(isWanted: (file: string) => boolean = () => true): string[] {
  return walk("").filter(isWanted).sort();
}

function walk(folder: string): string[] {
  return readdirSync(path.join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return skippedFolders.has(entry.name) ? [] : walk(file);
    }
    return [file];
  });
}

export function readSource(file: string): string {
  return readFileSync(path.join(repository, file), "utf8");
}

/** `file:line: text` of each line that matches. */
export function findLines(file: string, pattern: RegExp): string[] {
  return readSource(file)
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 160)}`] : []));
}

/** Source of programs and tests that people write: TypeScript, JavaScript modules. */
export function isCode(file: string): boolean {
  return /\.(ts|mts|mjs|js|cjs)$/.test(file) && !file.endsWith(".d.ts");
}
