/** What users can hold us to: the library's exports and the command line's help. A change here is a change for them. */
import { execFile } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readSource, repository } from "./sources.ts";

const cli = path.join(repository, "out/server/cli.js");

async function helpOf(...verb: string[]): Promise<string> {
  const env = { ...process.env, COLUMNS: "100", NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...verb, "--help"], { env });
  return stdout;
}

describe("the library", () => {
  it("exports these values", async () => {
    const library: object = await import(pathToFileURL(path.join(repository, "out/server/index.js")).href);
    await expect(Object.keys(library).sort().join("\n")).toMatchFileSnapshot("snapshots/exports.txt");
  });

  it("exports these types", async () => {
    const source = readSource("server/src/index.ts");
    const lists = [...source.matchAll(/^export type \{([^}]+)\} from/gm)].flatMap((match) =>
      (match[1] ?? "").split(","),
    );
    const own = [...source.matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1] ?? "");
    const names = [...lists.map((name) => name.trim()).filter((name) => name !== ""), ...own].sort();
    await expect(names.join("\n")).toMatchFileSnapshot("snapshots/types.txt");
  });
});

const fileVerbs = ["ls", "cat", "head", "cp", "mv", "rm", "du", "exists", "touch", "alias"];

describe("the command line", () => {
  it.each(["", "info", "cutout", "put", "convert", "sample", "lint", "lsp", ...fileVerbs])(
    "explains itself: %s --help",
    async (verb) => {
      const help = await helpOf(...(verb === "" ? [] : [verb]));
      await expect(help).toMatchFileSnapshot(`snapshots/help-${verb === "" ? "cloudvolume" : verb}.txt`);
    },
  );
});
