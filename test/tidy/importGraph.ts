/** Who imports whom: the import statements of the shipped TypeScript, types included. */
import path from "node:path";
import { listFiles, readSource } from "./sources.ts";

export interface Import {
  readonly file: string;
  readonly line: number;
  /** As written: a relative path, `node:…` or a package. */
  readonly specifier: string;
  /** The imported file of the repository, when the specifier is relative. */
  readonly target?: string;
  readonly isReExport: boolean;
}

const statement =
  /^[ \t]*(import|export)\b(?:[^;"'`()]*?\bfrom\s*|\s*)["']([^"'\n]+)["']|\b(import)\(\s*["']([^"'\n]+)["']\s*\)/gm;

/** Imports of one file. */
export function importsOf(file: string, source: string): Import[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(statement)].map((match) => {
    const specifier = match[2] ?? match[4] ?? "";
    const start = match.index + (match[0].length - match[0].trimStart().length);
    return {
      file,
      line: code.slice(0, start).split("\n").length,
      specifier,
      ...(specifier.startsWith(".") ? { target: path.posix.join(path.posix.dirname(file), specifier) } : {}),
      isReExport: match[1] === "export",
    };
  });
}

/** Imports of every shipped TypeScript file. */
export function shippedImports(): Import[] {
  return listFiles((file) => /^(schemas|server\/src|client|webview)\/.*\.ts$/.test(file)).flatMap((file) =>
    importsOf(file, readSource(file)),
  );
}

/** One cycle as a list of files, the first repeated at the end; undefined when there is none. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (target !== undefined) {
      targets.set(file, [...(targets.get(file) ?? []), target]);
    }
  }
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      return [...trail.slice(at), file];
    }
    if (done.has(file)) {
      return undefined;
    }
    trail.push(file);
    for (const target of targets.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle !== undefined) {
        return cycle;
      }
    }
    trail.pop();
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) {
      return cycle;
    }
  }
  return undefined;
}
