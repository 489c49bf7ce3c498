/** Reference data that lives beside the repository, not in it: volumes written by other tools. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../shared");

/** Absolute path of a part of the reference data; it may not exist. */
export function sharedPath(...parts: readonly string[]): string {
  return path.join(folder, ...parts);
}

/**
 * A group of tests that need reference data. Where it is absent, says so and skips them; with CI set, that is a failure, so that no gate
 * passes without them.
 */
export function describeWithShared(title: string, parts: readonly string[], body: (folder: string) => void): void {
  const needed = sharedPath(...parts);
  if (existsSync(needed)) {
    describe(title, () => body(needed));
    return;
  }
  describe(title, () => {
    if (process.env.CI) {
      it("has its reference data", () => expect(existsSync(needed), `missing: ${parts.join("/")}`).toBe(true));
    } else {
      console.warn(`SKIPPED "${title}": no reference data at ${parts.join("/")} beside the repository`);
      it.skip("needs reference data", () => undefined);
    }
  });
}

/** Folder of a part of the reference data, for tests that take it in where it is: undefined, and said aloud, where it is not; an error with CI set. */
export function findShared(...parts: readonly string[]): string | undefined {
  const wanted = sharedPath(...parts);
  if (existsSync(wanted)) {
    return wanted;
  }
  if (process.env.CI) {
    throw new Error(`reference data is missing: ${parts.join("/")}`);
  }
  console.warn(
    `WITHOUT reference data at ${parts.join("/")} beside the repository: only what we write ourselves is tried`,
  );
  return undefined;
}
