/** Keys -> paths that stay inside the store's folder, also where a part of the way is a symbolic link. */
import { realpathSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { InvalidArgumentError, PermissionDeniedError } from "../../errors.ts";
import { checkKey, type Location } from "../location.ts";
import { isAbsent } from "./fileErrors.ts";

/** Folders whose real place is remembered; a layer has a few. */
const maxRemembered = 4096;

/** `check…` throw PermissionDeniedError where a symbolic link leads out of the store's folder. */
export interface Confinement {
  /** Path of a key. Throws InvalidArgumentError for a key that is not a relative path inside the store. */
  pathOf(key: string): string;
  /** Checks the folder that holds `path`; false when there is none. */
  checkFolder(path: string): Promise<boolean>;
  /** The same without waiting. */
  checkFolderSync(path: string): boolean;
  /** Checks the part of the way to `path` that exists, before folders are made. */
  checkWay(path: string): Promise<void>;
  /** Checks what a file really is, when the file is a link: its target; `undefined` when that is absent. */
  checkLink(path: string): Promise<string | undefined>;
  /** The same without waiting. */
  checkLinkSync(path: string): string | undefined;
}

export function createConfinement(location: Location): Confinement {
  const root = join(location.path);
  const inside = root.endsWith(sep) ? root : root + sep;
  const remembered = new Set<string>();

  function judge(realRoot: string, real: string, path: string): void {
    if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) {
      throw new PermissionDeniedError(`a symbolic link leads out of the folder: ${location.text}`, {
        location: location.text,
        key: path.slice(root.length).split(sep).filter(Boolean).join("/"),
        hint: "open the folder that the link points to",
      });
    }
  }
  function remember(folder: string): true {
    if (remembered.size >= maxRemembered) {
      remembered.clear();
    }
    remembered.add(folder);
    return true;
  }

  return {
    pathOf(key) {
      checkKey(key, location);
      if (sep === "\\" && /[\\:]/.test(key)) {
        throw new InvalidArgumentError(`no file can have this name here: "${key.slice(0, 200)}"`, {
          location: location.text,
        });
      }
      return inside + key; // much faster than join, and the key is in order
    },
    async checkFolder(path) {
      const folder = dirname(path);
      if (remembered.has(folder)) {
        return true;
      }
      const real = await realpath(folder).catch(absent);
      if (real === undefined) {
        return false;
      }
      judge(await realpath(root), real, path);
      return remember(folder);
    },
    checkFolderSync(path) {
      const folder = dirname(path);
      if (remembered.has(folder)) {
        return true;
      }
      const real = realpathOrAbsent(folder);
      if (real === undefined) {
        return false;
      }
      judge(realpathSync(root), real, path);
      return remember(folder);
    },
    async checkWay(path) {
      const realRoot = await realpath(root).catch(absent);
      for (
        let folder = dirname(path);
        realRoot !== undefined && folder.length >= root.length;
        folder = dirname(folder)
      ) {
        const real = await realpath(folder).catch(absent);
        if (real !== undefined) {
          judge(realRoot, real, path);
          return;
        }
      }
    },
    async checkLink(path) {
      const real = await realpath(path).catch(absent);
      if (real !== undefined) {
        judge(await realpath(root), real, path);
      }
      return real;
    },
    checkLinkSync(path) {
      const real = realpathOrAbsent(path);
      if (real !== undefined) {
        judge(realpathSync(root), real, path);
      }
      return real;
    },
  };
}

function absent(error: unknown): undefined {
  if (!isAbsent(error)) {
    throw error;
  }
}

function realpathOrAbsent(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    return absent(error);
  }
}
