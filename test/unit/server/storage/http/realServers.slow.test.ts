/** Folders that nginx and Apache themselves serve. Without them installed these tests are left out; in CI that is a failure. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpDriver } from "../../../../../server/src/storage/http/http.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions, type ListEntry, type Store } from "../../../../../server/src/storage/store.ts";
import { canUseWebServer, type IndexShape, startWebServer, type WebServer } from "../../../../fakes/webServers.ts";

const shapes: readonly IndexShape[] = ["nginx", "nginx json", "apache plain", "apache fancy", "apache table"];
const objects = [
  "info",
  "8_8_40/0-64_0-64_0-64",
  "8_8_40/64-128_0-64_0-64",
  "a+b%c é",
  "q?x#y",
  "<i>&amp;",
  "x'\"y",
  ".hidden",
];

describe.each(shapes)("a folder that is served by: %s", (shape) => {
  if (!canUseWebServer(shape)) {
    return;
  }
  let server: WebServer | undefined;
  let store: Store;
  beforeAll(async () => {
    const started = await startWebServer(shape);
    server = started;
    for (const name of objects) {
      const file = path.join(started.folder, "layer", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `content of ${name}`);
    }
    writeFileSync(path.join(started.folder, "layer", "chunk.gz"), gzipSync("chunk"));
    store = createHttpDriver().open(parseLocation(`${started.origin}/layer`), { ...defaultStoreOptions, attempts: 1 });
  });
  afterAll(async () => {
    await store?.dispose?.();
    await server?.close();
  });
  const names = async (options: Parameters<NonNullable<Store["list"]>>[0]): Promise<string[]> => {
    const found: ListEntry[] = [];
    for await (const entry of store.list?.(options) ?? []) {
      found.push(entry);
    }
    return found.map(({ name, kind }) => (kind === "folder" ? `${name}/` : name));
  };

  it("lists its names but hidden ones", async () => {
    expect(await names({})).toEqual(["8_8_40/", "<i>&amp;", "a+b%c é", "chunk.gz", "info", "q?x#y", "x'\"y"].sort());
    expect(await names({ prefix: "8_8_40/" })).toEqual(["0-64_0-64_0-64", "64-128_0-64_0-64"]);
    expect(await names({ prefix: "nothing/" })).toEqual([]);
    expect(await names({ delimiter: false, after: "8_8_40/0-64_0-64_0-64" })).toEqual(
      ["8_8_40/64-128_0-64_0-64", "<i>&amp;", "a+b%c é", "chunk.gz", "info", "q?x#y", "x'\"y"].sort(),
    );
  });

  it("gives every object that it lists, and hidden ones", async () => {
    for (const name of objects) {
      expect(new TextDecoder().decode((await store.get(name))?.bytes)).toBe(`content of ${name}`);
    }
    expect((await store.get("info", { range: { start: 8, end: 10 } }))?.bytes).toEqual(new TextEncoder().encode("of"));
    expect(await store.get("absent")).toBeUndefined();
  });
});
