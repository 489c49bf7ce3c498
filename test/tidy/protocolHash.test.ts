/** schemas/PROTOCOL.md was read again when the protocol or the messages last changed, and names every request. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { listFiles, readSource } from "./sources.ts";

const files = listFiles((file) => /^schemas\/(protocol|messages)\/.*\.ts$/.test(file));

/** Hash of the names and contents of the files. */
function protocolHash(): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\n${readSource(file)}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

describe("schemas/PROTOCOL.md", () => {
  const text = readSource("schemas/PROTOCOL.md");

  it("carries the hash of protocol/ and messages/ in its first line: read it, amend it, then copy the line from this failure", () => {
    expect(text.split("\n")[0]).toBe(`<!-- protocol ${protocolHash()} -->`);
  });

  it("describes every request and notification by its method", () => {
    const methods = files.flatMap((file) =>
      [...readSource(file).matchAll(/"(cloudvolume\/[a-zA-Z]+\/[a-zA-Z]+)"/g)].map((match) => match[1] ?? ""),
    );
    expect(methods.length).toBeGreaterThan(5);
    expect(methods.filter((method) => !text.includes(`\`${method}\``))).toEqual([]);
  });

  it("names every message of the views", () => {
    const names = files
      .filter((file) => file.startsWith("schemas/messages/") && !file.endsWith("port.ts"))
      .flatMap((file) => messageNames(readSource(file)));
    expect(names).toContain("readTile");
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Keys of the `requests` and `events` of the voices in a messages file. */
function messageNames(source: string): string[] {
  return [...source.matchAll(/^ {4}(\w+): (?:\[|\{|Record|\w+;)/gm)].map((match) => match[1] ?? "");
}
