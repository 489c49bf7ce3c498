/** Where things are: the repository, what is built, and the folder that keeps downloaded test tools. */
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * A path below `out/`, where everything that is built or measured goes.
 * @param {string[]} parts
 */
export function outPath(...parts) {
  return path.join(repository, "out", ...parts);
}

/** Exact versions of what the real VS Code needs; both come from npm and run no install script. */
export const versions = { codeServer: "4.139.1", node: "24.21.0" };

/** The folder of the VS Code installation: `$CLOUDVOLUME_VSCODE_CACHE`, else one named by its versions in the user's cache. */
export function vscodeCacheDirectory() {
  const override = process.env.CLOUDVOLUME_VSCODE_CACHE;
  if (override) {
    return path.resolve(override);
  }
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(caches, "cloudvolume", `vscode-${versions.codeServer}-node-${versions.node}`);
}
