/** Arithmetic of local paths for any system: POSIX, Windows drives (`C:/…`) and UNC shares (`//server/share/…`). No I/O. */
import { invalidLocation } from "./locationErrors.ts";

/** Folders that a relative path starts from; both absolute. */
export interface PathStart {
  /** For `./x`, `../x`, `x`. */
  readonly baseDirectory?: string | undefined;
  /** For `~/x`. */
  readonly homeDirectory?: string | undefined;
}

/** Is this an absolute path of some system? */
export function isAbsolutePath(text: string): boolean {
  return text.startsWith("/") || isWindowsPath(text);
}

/** Does the text look like a path, rather than a name: `/x`, `./x`, `~/x`, `C:\x`, `\\server\x`? */
export function looksLikePath(text: string): boolean {
  return isAbsolutePath(text) || /^(\.{1,2}|~)([/\\]|$)/.test(text);
}

/**
 * The absolute path with `/` between the parts, without `.`, `..` and empty parts; a slash at the end has only a root.
 * Throws InvalidLocationError for a relative path when the folder that it starts from is not given.
 */
export function absolutePath(text: string, start: PathStart): string {
  if (isAbsolutePath(text)) {
    return normalise(isWindowsPath(text) ? text.replaceAll("\\", "/") : text);
  }
  const isInHome = /^~([/\\]|$)/.test(text);
  const folder = isInHome ? start.homeDirectory : start.baseDirectory;
  if (folder === undefined || !isAbsolutePath(folder)) {
    throw invalidLocation(`a relative path needs ${isInHome ? "a home folder" : "a folder to start from"}`, text);
  }
  const relative = isInHome ? text.slice(1) : text;
  return isWindowsPath(folder)
    ? normalise(`${folder}/${relative}`.replaceAll("\\", "/"))
    : normalise(`${folder}/${relative}`);
}

/** The part of an absolute path that `..` never leaves, with its slash: `/`, `C:/`, `//server/share/`. */
export function rootOf(path: string): string {
  return /^(\/\/[^/]+\/[^/]+|[a-z]:)(?=\/|$)/i.exec(path)?.[0].concat("/") ?? "/";
}

function isWindowsPath(text: string): boolean {
  return /^[a-z]:[/\\]/i.test(text) || text.startsWith("\\\\");
}

function normalise(path: string): string {
  const root = rootOf(path);
  const parts: string[] = [];
  for (const part of path.slice(Math.min(root.length, path.length)).split("/")) {
    if (part === "..") {
      parts.pop();
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  return root + parts.join("/");
}
