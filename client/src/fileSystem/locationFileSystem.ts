/**
 * The file system `cloudvolume:`: small text objects of any storage (info, provenance) as documents. Read-only until a person allows changes; saved only
 * over what the editor started from, and a conflict shows both sides.
 */
import * as vscode from "vscode";
import { type ReadTextResult, readText, type WriteTextParams, writeText } from "../../../schemas/protocol/storage.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { fileSystemScheme } from "../contributions.ts";
import { toServerError } from "../server/serverError.ts";
import { DocumentVersions, type StoredText, type Version } from "./documentVersions.ts";
import { childOf, locationOfDocumentPath } from "./locationText.ts";
import { createStoredTexts, type StoredTexts } from "./storedTexts.ts";

/** VS Code asks for the size and then for the text: one read serves both. */
const freshMs = 2_000;

/** Registers the file system. */
export function registerLocationFileSystem(ctx: ClientContext): vscode.Disposable {
  const disposables = new DisposableStore();
  const fileSystem = new LocationFileSystem(ctx, disposables.add(createStoredTexts()));
  const ours = ({ uri }: vscode.TextDocument): boolean => uri.scheme === fileSystemScheme;
  const look = (document: vscode.TextDocument): void => {
    if (ours(document) && !document.isDirty) {
      fileSystem.showsStored(document);
    }
  };
  disposables.add(vscode.workspace.onDidOpenTextDocument(look));
  disposables.add(vscode.workspace.onDidChangeTextDocument(({ document }) => look(document)));
  disposables.add(vscode.workspace.onDidSaveTextDocument(look));
  disposables.add(vscode.workspace.onDidCloseTextDocument((document) => ours(document) && fileSystem.closed(document)));
  disposables.add(
    ctx.changes.onDidChange(() =>
      fileSystem.lookAgain(vscode.workspace.textDocuments.filter(ours).map(({ uri }) => uri)),
    ),
  );
  disposables.add(vscode.workspace.registerFileSystemProvider(fileSystemScheme, fileSystem, { isCaseSensitive: true }));
  return disposables;
}

interface Read {
  readonly version: Promise<Version>;
  readonly atMs: number;
}

class LocationFileSystem implements vscode.FileSystemProvider {
  readonly #ctx: ClientContext;
  readonly #storedTexts: StoredTexts;
  readonly #versions = new DocumentVersions();
  readonly #recent = new Map<string, Read>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(ctx: ClientContext, storedTexts: StoredTexts) {
    this.#ctx = ctx;
    this.#storedTexts = storedTexts;
  }

  /** An editor shows what is stored, without changes of the user. */
  showsStored(document: vscode.TextDocument): void {
    this.#versions.noteClean(document.uri.toString(), document.getText());
  }

  closed({ uri }: vscode.TextDocument): void {
    this.#versions.close(uri.toString());
  }

  /** Has VS Code ask again for these documents: whether they can be written, and what is stored. */
  lookAgain(uris: readonly vscode.Uri[]): void {
    this.#changed.fire(uris.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  /** Storage says nothing when an object changes. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    // What is being edited is compared when it is written: a look before that would only be older.
    const isEdited = documentOf(uri)?.isDirty === true;
    const base = isEdited ? this.#versions.baseOf(uri.toString()) : undefined;
    const { text, mtime } = base ?? (await this.#read(uri));
    const size = new TextEncoder().encode(text).length;
    const isLocked = !this.#ctx.changes.isAllowed(locationOf(uri));
    const facts = { type: vscode.FileType.File, ctime: 0, mtime, size };
    return isLocked ? { ...facts, permissions: vscode.FilePermission.Readonly } : facts;
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new TextEncoder().encode((await this.#read(uri)).text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const location = locationOf(uri);
    this.#checkAllowed(location);
    const key = uri.toString();
    const base = documentOf(uri) === undefined ? this.#versions.lastOf(key) : this.#versions.baseOf(key);
    const text = decode(content);
    this.#recent.delete(key);
    const condition = conditionOf(base);
    if (condition === undefined && (await this.#ask(location)).text !== base?.text) {
      throw await this.#conflict(uri, location);
    }
    const etag = await this.#write(uri, { location, text, ...(condition && { onlyIf: condition }) });
    if (etag === undefined && base?.etag !== undefined) {
      throw await this.#conflict(uri, location); // it was written, and replaced before it could be looked at
    }
    this.#versions.accept(key, this.#versions.noteRead(key, { text, ...(etag !== undefined && { etag }) }));
  }

  #checkAllowed(location: string): void {
    if (!this.#ctx.changes.isAllowed(location)) {
      throw vscode.FileSystemError.NoPermissions(
        vscode.l10n.t('This location is read-only: use "Allow Changes in This Location…" in the Buckets view'),
      );
    }
  }

  async #write(uri: vscode.Uri, params: WriteTextParams): Promise<string | undefined> {
    try {
      return (await this.#ctx.server.request(writeText, params)).etag;
    } catch (error) {
      throw toServerError(error).wire.tag === "conflict"
        ? await this.#conflict(uri, params.location)
        : toFileSystemError(error, uri);
    }
  }

  readDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.Unavailable(uri);
  }
  /** VS Code makes the folders of a file first. A store knows none, and a disk makes them with the file: nothing is to be done. */
  createDirectory(): void {}
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  /**
   * Shows what is stored beside what the user has. Having been shown, it becomes the base: VS Code sees that it is newer, and asks before the next save
   * replaces it.
   */
  async #conflict(uri: vscode.Uri, location: string): Promise<vscode.FileSystemError> {
    const key = uri.toString();
    const stored = await this.#askStored(location);
    this.#versions.accept(key, this.#versions.noteRead(key, stored));
    await this.#storedTexts.compare(uri, stored.text);
    return vscode.FileSystemError.Unavailable(
      vscode.l10n.t("somebody else changed it meanwhile. Nothing was saved: compare both sides, then save again."),
    );
  }

  #read(uri: vscode.Uri): Promise<Version> {
    const key = uri.toString();
    const nowMs = performance.now();
    for (const [other, { atMs }] of this.#recent) {
      if (nowMs - atMs > freshMs) {
        this.#recent.delete(other);
      }
    }
    const recent = this.#recent.get(key);
    if (recent !== undefined) {
      return recent.version;
    }
    const version = this.#readVersion(uri);
    this.#recent.set(key, { version, atMs: nowMs });
    version.catch(() => this.#recent.delete(key));
    return version;
  }

  async #readVersion(uri: vscode.Uri): Promise<Version> {
    try {
      return this.#versions.noteRead(uri.toString(), await this.#ask(locationOf(uri)));
    } catch (error) {
      throw toFileSystemError(error, uri);
    }
  }

  async #askStored(location: string): Promise<StoredText> {
    try {
      return await this.#ask(location);
    } catch (error) {
      if (toServerError(error).wire.tag === "not_found") {
        return { text: "", isAbsent: true };
      }
      throw error;
    }
  }

  #ask(location: string): Promise<ReadTextResult> {
    return this.#ctx.server.request(readText, { location });
  }
}

/** Over what a document may be saved; `undefined` where the storage has no etags. */
function conditionOf(base: Version | undefined): WriteTextParams["onlyIf"] {
  if (base === undefined || base.isAbsent) {
    return "absent";
  }
  return base.etag === undefined ? undefined : { etag: base.etag };
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  const key = uri.toString();
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
}

function locationOf(uri: vscode.Uri): string {
  const place = locationOfDocumentPath(uri.path);
  if (place === undefined) {
    throw vscode.FileSystemError.FileNotFound(uri);
  }
  return childOf(place.folder, place.name);
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw vscode.FileSystemError.Unavailable(vscode.l10n.t("only text in UTF-8 can be saved here"));
  }
}

function toFileSystemError(error: unknown, uri: vscode.Uri): Error {
  if (error instanceof vscode.FileSystemError) {
    return error;
  }
  const { wire } = toServerError(error);
  switch (wire.tag) {
    case "not_found":
    case "invalid_location": // a bucket or host, which VS Code looks at before it makes a file: no text is stored there
      return vscode.FileSystemError.FileNotFound(uri);
    case "permission_denied":
    case "read_only":
      return vscode.FileSystemError.NoPermissions(wire.message);
    default:
      return vscode.FileSystemError.Unavailable(wire.message);
  }
}
