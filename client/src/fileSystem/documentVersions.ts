/**
 * What was read of each document, and which of it an open editor started from: the base over which it may be saved. Storage is shared, so what was
 * read last need not be what the editor shows.
 */

export interface StoredText {
  readonly text: string;
  /** Absent where the storage has none. */
  readonly etag?: string;
  /** Nothing was stored. */
  readonly isAbsent?: true;
}

/** A text as it was stored at some time. */
export interface Version extends StoredText {
  /** Grows with each version of a document; VS Code asks for times, and reads again when one has grown. */
  readonly mtime: number;
}

/** Versions of one document that are remembered. */
const maxVersions = 4;

interface Known {
  readonly versions: readonly Version[];
  readonly base?: Version;
}

export class DocumentVersions {
  readonly #known = new Map<string, Known>();

  /** Remembers what is stored; the version is the one known already when nothing changed. */
  noteRead(key: string, stored: StoredText): Version {
    const known = this.#known.get(key) ?? { versions: [] };
    const last = known.versions.at(-1);
    if (last?.etag === stored.etag && last?.text === stored.text && last.isAbsent === stored.isAbsent) {
      return last;
    }
    const version = { ...stored, mtime: (last?.mtime ?? 0) + 1 };
    this.#known.set(key, { ...known, versions: [...known.versions.slice(1 - maxVersions), version] });
    return version;
  }

  /** An editor shows this text and nothing was typed: the version that reads so is its base. */
  noteClean(key: string, text: string): void {
    const known = this.#known.get(key);
    const base = known?.versions.findLast((version) => shown(version.text) === shown(text));
    if (known !== undefined && base !== undefined) {
      this.#known.set(key, { ...known, base });
    }
  }

  /** The editor may be saved over this version. */
  accept(key: string, version: Version): void {
    const known = this.#known.get(key) ?? { versions: [version] };
    this.#known.set(key, { ...known, base: version });
  }

  /** What an open editor started from, or the one version that was ever read. */
  baseOf(key: string): Version | undefined {
    const known = this.#known.get(key);
    return known?.base ?? (known?.versions.length === 1 ? known.versions[0] : undefined);
  }

  /** What was read last. */
  lastOf(key: string): Version | undefined {
    return this.#known.get(key)?.versions.at(-1);
  }

  /** The document was closed: what is read next is its base. */
  close(key: string): void {
    const last = this.lastOf(key);
    if (last !== undefined) {
      this.#known.set(key, { versions: [last] });
    }
  }
}

/** As an editor shows a text: one kind of line end, no byte order mark. */
function shown(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}
