import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileDriver } from "../../../../../server/src/storage/file/file.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions, type Store } from "../../../../../server/src/storage/store.ts";
import { describeStore, tagOf } from "../../../../conformance/store.ts";

const suffixOf = { gzip: ".gz", br: ".br", zstd: ".zstd", xz: ".xz", bzip2: ".bz2" };
const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

describeStore({
  name: "file",
  hasEncodings: true,
  async open(limits) {
    const folder = await mkdtemp(path.join(tmpdir(), "store-"));
    return {
      store: createFileDriver().open(parseLocation(folder), { ...defaultStoreOptions, ...limits }),
      async seed(key, bytes, encoding) {
        const file = path.join(folder, key) + (encoding === undefined ? "" : suffixOf[encoding]);
        await mkdir(path.dirname(file), { recursive: true });
        await rm(file, { force: true });
        await writeFile(file, bytes);
      },
      close: () => rm(folder, { recursive: true }),
    };
  },
});

describe("a file store", () => {
  let parent: string;
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), "store-"));
    folder = path.join(parent, "layer");
    await mkdir(folder);
    store = createFileDriver().open(parseLocation(folder), defaultStoreOptions);
  });
  afterEach(() => rm(parent, { recursive: true }));

  test("its folder need not be there", async () => {
    const absent = createFileDriver().open(parseLocation(path.join(parent, "none")), defaultStoreOptions);
    expect(await absent.get("info")).toBeUndefined();
    expect(absent.readInto?.("info", new Uint8Array(1))).toBeUndefined();
    await absent.put?.("info", ten);
    expect(await readFile(path.join(parent, "none/info"))).toEqual(Buffer.from(ten));
  });

  test.each(["4_4_40/chunk", "chunk"])("a link that leads out of the folder is refused: %s", async (key) => {
    await mkdir(path.join(parent, "elsewhere"));
    await writeFile(path.join(parent, "elsewhere/chunk"), ten);
    await symlink(path.join(parent, "elsewhere"), path.join(folder, "4_4_40"));
    await symlink(path.join(parent, "elsewhere/chunk"), path.join(folder, "chunk"));
    expect(await tagOf(store.get(key))).toBe("permission_denied");
    expect(await tagOf(Promise.resolve(store.stat?.(key)))).toBe("permission_denied");
    expect(() => store.readInto?.(key, new Uint8Array(20))).toThrow(/symbolic link leads out/);
  });

  test("nothing is written or deleted behind a link that leads out", async () => {
    await mkdir(path.join(parent, "elsewhere"));
    await writeFile(path.join(parent, "elsewhere/chunk"), ten);
    await symlink(path.join(parent, "elsewhere"), path.join(folder, "out"));
    expect(await tagOf(Promise.resolve(store.put?.("out/chunk", ten.slice(1))))).toBe("permission_denied");
    expect(await tagOf(Promise.resolve(store.put?.("out/deep/er/chunk", ten)))).toBe("permission_denied");
    expect(await tagOf(Promise.resolve(store.delete?.("out/chunk")))).toBe("permission_denied");
    expect(await readdir(path.join(parent, "elsewhere"))).toEqual(["chunk"]);
    expect(await readFile(path.join(parent, "elsewhere/chunk"))).toEqual(Buffer.from(ten));
  });

  test("links inside the folder, and the folder itself as a link, are followed", async () => {
    await mkdir(path.join(folder, "real"));
    await writeFile(path.join(folder, "real/chunk"), ten);
    await symlink(path.join(folder, "real"), path.join(folder, "alias"));
    await symlink("real/chunk", path.join(folder, "linked"));
    await symlink(folder, path.join(parent, "layerLink"));
    const through = createFileDriver().open(parseLocation(path.join(parent, "layerLink")), defaultStoreOptions);
    for (const key of ["alias/chunk", "linked"]) {
      expect((await through.get(key))?.bytes).toEqual(ten);
      expect(through.readInto?.(key, new Uint8Array(20))).toEqual({ sizeBytes: 10 });
      expect((await through.stat?.(key))?.sizeBytes).toBe(10);
    }
  });

  test("a link to nothing is absent, a ring of links an error", async () => {
    await symlink("nothing", path.join(folder, "dangling"));
    await symlink("ring", path.join(folder, "ring"));
    expect(await store.get("dangling")).toBeUndefined();
    expect(await tagOf(store.get("ring"))).toBe("unreachable");
  });

  test("a pipe or device is refused without waiting for it", async () => {
    execFileSync("mkfifo", [path.join(folder, "pipe")]);
    expect(await tagOf(store.get("pipe"))).toBe("unsupported");
  });

  test("the suffix that was right is tried first, so of two twins the kind that was seen last is read", async () => {
    await writeFile(path.join(folder, "a.gz"), ten);
    await writeFile(path.join(folder, "b"), ten);
    await writeFile(path.join(folder, "b.gz"), ten);
    expect((await store.get("b"))?.encoding).toBeUndefined();
    await store.get("a");
    expect((await store.get("b"))?.encoding).toBe("gzip");
  });

  test("a write removes the twins and leaves nothing else behind", async () => {
    for (const suffix of ["", ".gz", ".br", ".zstd", ".xz", ".bz2"]) {
      await writeFile(path.join(folder, `chunk${suffix}`), ten);
    }
    await store.put?.("chunk", ten, { encoding: "br" });
    expect(await readdir(folder)).toEqual(["chunk.br"]);
  });

  test("writes of one key at once leave one object", async () => {
    await Promise.all(
      (["gzip", "br", undefined, "zstd"] as const).map((encoding) =>
        store.put?.("k", ten, { ...(encoding && { encoding }) }),
      ),
    );
    expect(await readdir(folder)).toHaveLength(1);
    expect((await store.get("k"))?.bytes).toEqual(ten);
  });

  test("a write keeps the permissions of the file that it replaces", async () => {
    await writeFile(path.join(folder, "shared"), ten);
    await chmod(path.join(folder, "shared"), 0o664);
    await store.put?.("shared", ten.slice(1));
    expect((await stat(path.join(folder, "shared"))).mode & 0o777).toBe(0o664);
  });

  test("a failed or aborted write leaves the old file alone", async () => {
    await mkdir(path.join(folder, "taken"));
    await writeFile(path.join(folder, "file"), ten);
    expect(await tagOf(Promise.resolve(store.put?.("taken", ten)))).toBe("conflict");
    expect(await tagOf(Promise.resolve(store.put?.("file/below", ten)))).toBe("conflict");
    const abort = new AbortController();
    const pending = tagOf(Promise.resolve(store.put?.("file", new Uint8Array(1 << 22), { signal: abort.signal })));
    abort.abort();
    expect(await pending).toBe("cancelled");
    expect(await readdir(folder)).toEqual(["file", "taken"]);
    expect(await readFile(path.join(folder, "file"))).toEqual(Buffer.from(ten));
  });

  test("a listing leaves out suffixes, twins, half-written files and what is no file", async () => {
    for (const name of ["a.gz", "a", "b.br", ".gz", "c.zip", ".0123456789abcdef.partial"]) {
      await writeFile(path.join(folder, name), ten);
    }
    await symlink("nothing", path.join(folder, "dangling"));
    const names: string[] = [];
    for await (const { name } of store.list?.() ?? []) {
      names.push(name);
    }
    expect(names).toEqual([".gz", "a", "b", "c.zip"]);
  });

  test("a listing of everything does not run in rings of links", async () => {
    await writeFile(path.join(folder, "a"), ten);
    await symlink(folder, path.join(folder, "ring"));
    const names: string[] = [];
    for await (const { name } of store.list?.({ delimiter: false }) ?? []) {
      names.push(name);
    }
    expect(names).toEqual(["a"]);
  });

  test("what may not be read or written is denied, not absent", async () => {
    await mkdir(path.join(folder, "closed"));
    await writeFile(path.join(folder, "closed/chunk"), ten);
    await writeFile(path.join(folder, "secret"), ten, { mode: 0o600 });
    await chmod(path.join(folder, "closed"), 0o700);
    await chmod(parent, 0o755);
    await chmod(folder, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (!isRoot) {
      await chmod(path.join(folder, "closed"), 0);
      await chmod(path.join(folder, "secret"), 0);
    }
    const cases: Promise<string>[] = [];
    try {
      process.seteuid?.(isRoot ? 65534 : (process.geteuid?.() ?? 0));
      for (const key of ["secret", "closed/chunk"]) {
        cases.push(tagOf(store.get(key)));
        expect(() => store.readInto?.(key, new Uint8Array(20))).toThrow(/does not permit/);
      }
      cases.push(tagOf(Promise.resolve(store.put?.("closed/other", ten))));
      expect(await Promise.all(cases)).toEqual(["permission_denied", "permission_denied", "permission_denied"]);
    } finally {
      process.seteuid?.(isRoot ? 0 : (process.geteuid?.() ?? 0));
      await chmod(path.join(folder, "closed"), 0o700);
    }
  });
});
