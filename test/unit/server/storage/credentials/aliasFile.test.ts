/** The file of aliases that CloudFiles shares with us. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addPersistentAlias,
  readPersistentAliases,
  removePersistentAlias,
} from "../../../../../server/src/storage/credentials/aliasFile.ts";
import type { MachineOptions } from "../../../../../server/src/storage/credentials/secretFiles.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";

let folder: string;
let machine: MachineOptions;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-files-"));
  machine = { environment: { CLOUD_FILES_DIR: folder }, homeDirectory: "/nowhere" };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => path.join(folder, "aliases.json");

describe("aliases", () => {
  it("are written as CloudFiles writes them, and name stores in locations", () => {
    addPersistentAlias("lab", "s3://https://s3.lab.example.org/", machine);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ lab: { host: "s3://https://s3.lab.example.org/" } });
    expect(readdirSync(folder)).toEqual(["aliases.json"]);
    const aliases = () => readPersistentAliases(machine);
    expect(parseLocation("precomputed://lab://bucket/layer", { aliases })).toMatchObject({
      scheme: "s3",
      authority: "bucket",
      path: "layer",
      endpoint: "https://s3.lab.example.org",
      text: "precomputed://s3://https://s3.lab.example.org/bucket/layer",
    });
    for (const unknown of ["other", "constructor", "tostring"]) {
      expect(() => parseLocation(`${unknown}://bucket/layer`, { aliases })).toThrow(/unknown scheme|followed by/);
    }
  });

  it("of others stay when one is added or removed", () => {
    writeFileSync(file(), `{"old": {"host": "https://old.example.org", "acl": "private"}, "odd": 5}`);
    addPersistentAlias("new", "http://127.0.0.1:9000", machine);
    expect(removePersistentAlias("old", machine)).toBe(true);
    expect(removePersistentAlias("old", machine)).toBe(false);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ odd: 5, new: { host: "s3://http://127.0.0.1:9000/" } });
    expect(readPersistentAliases(machine)).toEqual({ new: "http://127.0.0.1:9000" });
  });

  it.each(["gs", "file", "matrix", "precomputed", "http", "Lab", "", "a/b", "1a"])("cannot be called %j", (name) => {
    expect(() => addPersistentAlias(name, "https://x.example.org", machine)).toThrow(/name/);
  });

  it.each(["", "x", "ftp://x", "https://x/path", "https://u:p@x/", "https://x/?q"])("cannot lead to %j", (host) => {
    expect(() => addPersistentAlias("lab", host, machine)).toThrow(/needs a host/);
  });

  it("do not shadow a protocol that the file names, and need a file that is JSON", () => {
    writeFileSync(file(), `{"gs": {"host": "https://evil.example.org/"}}`);
    expect(readPersistentAliases(machine)).toEqual({});
    writeFileSync(file(), "{");
    expect(() => readPersistentAliases(machine)).toThrow(/aliases/);
  });
});
