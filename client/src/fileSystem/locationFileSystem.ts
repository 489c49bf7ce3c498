/** The read-only file system `cloudvolume:`: small text objects of any storage (info, provenance) as documents. */
import * as vscode from "vscode";
import { readText } from "../../../schemas/protocol/storage.ts";
import type { ClientContext } from "../context.ts";
import { fileSystemScheme } from "../contributions.ts";
import { toServerError } from "../server/serverError.ts";
import { childOf, locationOfDocumentPath } from "./locationText.ts";

/** VS Code asks for the size and then for the text: one read serves both. */
const freshMs = 2_000;

/** Registers the file system. */
export function registerLocationFileSystem(ctx: ClientContext): vscode.Disposable {
  return vscode.workspace.registerFileSystemProvider(fileSystemScheme, new LocationFileSystem(ctx), {
    isReadonly: true,
    isCaseSensitive: true,
  });
}

interface Read {
  readonly bytes: Promise<Uint8Array>;
  readonly atMs: number;
}

class LocationFileSystem implements vscode.FileSystemProvider {
  readonly #ctx: ClientContext;
  readonly #recent = new Map<string, Read>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(ctx: ClientContext) {
    this.#ctx = ctx;
  }

  /** Storage says nothing when an object changes. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const bytes = await this.#read(uri);
    // Times are unknown; a constant one keeps VS Code from thinking that the file changed.
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#read(uri);
  }

  readDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.Unavailable(uri);
  }
  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  #read(uri: vscode.Uri): Promise<Uint8Array> {
    const key = uri.toString();
    const nowMs = performance.now();
    for (const [other, { atMs }] of this.#recent) {
      if (nowMs - atMs > freshMs) {
        this.#recent.delete(other);
      }
    }
    const recent = this.#recent.get(key);
    if (recent !== undefined) {
      return recent.bytes;
    }
    const bytes = this.#ask(uri);
    this.#recent.set(key, { bytes, atMs: nowMs });
    bytes.catch(() => this.#recent.delete(key));
    return bytes;
  }

  async #ask(uri: vscode.Uri): Promise<Uint8Array> {
    const place = locationOfDocumentPath(uri.path);
    if (place === undefined) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
    try {
      const { text } = await this.#ctx.server.request(readText, { location: childOf(place.folder, place.name) });
      return new TextEncoder().encode(text);
    } catch (error) {
      throw toFileSystemError(error, uri);
    }
  }
}

function toFileSystemError(error: unknown, uri: vscode.Uri): vscode.FileSystemError {
  const { wire } = toServerError(error);
  switch (wire.tag) {
    case "not_found":
      return vscode.FileSystemError.FileNotFound(uri);
    case "permission_denied":
      return vscode.FileSystemError.NoPermissions(wire.message);
    default:
      return vscode.FileSystemError.Unavailable(wire.message);
  }
}
