/** How objects are copied: their bytes, their facts, and what a failure leaves. */
import { createHash } from "node:crypto";
import { readFileSync, statSync, symlinkSync } from "node:fs";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { NotFoundError, UnreachableError } from "../../../../server/src/errors.ts";
import type { FilesProgress } from "../../../../server/src/files/transfer.ts";
import type { ObjectStat, PutOptions, Store } from "../../../../server/src/storage/store.ts";
import { noise, openBench, read, text, utf8, writeAll } from "./harness.ts";

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const isMem = (store: Store): boolean => store.location.scheme === "mem";

describe("compression", () => {
  it.each([
    ["same", "z.gz"],
    ["none", "z"],
    ["gzip", "z.gz"],
    ["br", "z.br"],
    ["zstd", "z.zstd"],
  ] as const)("%s makes %s of a gzipped object, with the same content", async (recompress, made) => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "src/z.gz": gzipSync("zipped") });
    await files.copy([`${folder}/src/z`], `${folder}/dst/`, { recompress });
    expect(tree("dst")).toEqual([made]);
    expect(text((await files.read(`${folder}/dst/z`))?.bytes)).toBe("zipped");
  });

  it("of bytes that have it already keeps them to the bit", async () => {
    const { files, folder } = openBench();
    const stored = gzipSync("zipped", { level: 1 });
    writeAll(folder, { "z.gz": stored });
    await files.copy([`${folder}/z`], "mem://b/z", { recompress: "gzip" });
    expect((await files.read("mem://b/z", { raw: true }))?.bytes).toEqual(new Uint8Array(stored));
  });

  it("of the object in its own place is another one afterwards", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { x: "content" });
    await files.copy([`${folder}/x`], `${folder}/x`, { recompress: "br" });
    expect(tree()).toEqual(["x.br"]);
    expect(brotliDecompressSync(readFileSync(`${folder}/x.br`)).toString()).toBe("content");
  });
});

describe("a copy", () => {
  it("keeps encoding, type and cache control", async () => {
    const puts: (PutOptions | undefined)[] = [];
    const facts: ObjectStat = { contentType: "application/json", cacheControl: "no-cache", encoding: "gzip" };
    const wrap = (store: Store): Store => ({
      ...store,
      stat: async (key, options) => {
        const stat = await store.stat?.(key, options);
        return stat && { ...stat, ...facts };
      },
      put: async (key, bytes, options) => {
        puts.push(options);
        await store.put?.(key, bytes, options);
      },
    });
    const { files } = openBench({ wrap });
    await files.write("mem://b/x", gzipSync("{}"), { encoding: "gzip" });
    await files.copy(["mem://b/x"], "mem://other/x");
    expect(puts[1]).toMatchObject({ contentType: "application/json", cacheControl: "no-cache", encoding: "gzip" });
  });

  it("is made by the service where it can, and otherwise here", async () => {
    const asked: unknown[] = [];
    const wrap = (store: Store): Store => ({
      ...store,
      async copyFrom(from, fromKey, key, options) {
        asked.push([from.location.text, fromKey, key, options?.onlyIf]);
        if (from.location.authority !== store.location.authority) {
          return false;
        }
        const object = await from.get(fromKey);
        await store.put?.(key, object?.bytes ?? utf8(""));
        return true;
      },
    });
    const { files } = openBench({ wrap });
    await files.write("mem://a/x", utf8("content"));
    await files.copy(["mem://a/x"], "mem://a/y", { overwrite: false });
    await files.copy(["mem://a/x"], "mem://b/z");
    expect(asked).toEqual([
      ["mem://a", "x", "y", "absent"],
      ["mem://a", "x", "z", undefined],
    ]);
    expect(text((await files.read("mem://b/z"))?.bytes)).toBe("content");
    await files.copy(["mem://a/x"], "mem://a/w", { recompress: "gzip" });
    expect(asked).toHaveLength(2);
  });

  it("to its own place does nothing, and a move leaves it there", async () => {
    const { files } = openBench();
    await files.write("mem://a/x", utf8("content"));
    const { etag } = (await files.stat("mem://a/x")) ?? {};
    await files.copy(["mem://a/x"], "mem://a/x");
    await files.move(["mem://a/x"], "mem://a/x");
    expect(await files.stat("mem://a/x")).toMatchObject({ etag });
    await expect(files.copyPairs([{ from: "mem://a/none", to: "mem://a/none" }])).rejects.toThrow(NotFoundError);
  });

  it("takes the place of nothing, if it must not", async () => {
    const { files, folder } = openBench({ limits: { partBytes: 10 } });
    writeAll(folder, { small: "new", large: noise(100), "there/small": "old", "there/large.gz": gzipSync("old") });
    for (const name of ["small", "large"]) {
      await expect(files.copy([`${folder}/${name}`], `${folder}/there`, { overwrite: false })).rejects.toMatchObject({
        tag: "conflict",
      });
      expect(text((await files.read(`${folder}/there/${name}`))?.bytes)).toBe("old");
      await files.copy([`${folder}/${name}`], `${folder}/fresh/`, { overwrite: false });
    }
    expect(readFileSync(`${folder}/fresh/large`)).toEqual(Buffer.from(noise(100)));
  });

  it("tells how far it is", async () => {
    const { files } = openBench();
    for (const name of ["a", "b", "c"]) {
      await files.write(`mem://x/${name}`, noise(10));
    }
    const seen: FilesProgress[] = [];
    await files.copy(["mem://x/**"], "mem://y/", { onProgress: (progress) => seen.push(progress), concurrency: 1 });
    expect(seen.at(-1)).toEqual({ doneCount: 3, totalCount: 3, bytes: 30 });
    expect(seen.map(({ bytes }) => bytes)).toEqual([10, 10, 20, 20, 30, 30]);
  });

  it("has no more objects in hand than it may", async () => {
    let running = 0;
    let most = 0;
    const wrap = (store: Store): Store => ({
      ...store,
      async get(key, options) {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return store.get(key, options);
      },
    });
    const { files } = openBench({ wrap });
    for (let i = 0; i < 50; i++) {
      await files.write(`mem://x/${i}`, utf8("1"));
    }
    await files.copy(["mem://x/**"], "mem://y/", { concurrency: 7 });
    expect(most).toBe(7);
    expect((await files.size("mem://y")).count).toBe(50);
  });
});

describe("a large object", () => {
  it("goes to a local file in parts, with its suffix, its permissions and without its twins", async () => {
    const { files, folder, tree } = openBench({ limits: { partBytes: 1000 } });
    const bytes = noise(10_500);
    await files.write("mem://b/big", bytes);
    writeAll(folder, { "dst/big.br": "old", "z.gz": gzipSync(bytes) });
    await files.copy(["mem://b/big"], `${folder}/dst/big`);
    expect(digest(readFileSync(`${folder}/dst/big`))).toBe(digest(bytes));
    expect(tree("dst")).toEqual(["big"]);
    await files.copy([`${folder}/z`], `${folder}/dst/big`);
    expect(tree("dst")).toEqual(["big.gz"]);
    expect(digest(gunzipSync(readFileSync(`${folder}/dst/big.gz`)))).toBe(digest(bytes));
  });

  it("that is compressed elsewhere is held whole, and refused when it is too large for that", async () => {
    const { files, folder, tree } = openBench({ limits: { partBytes: 1000, maxWholeBytes: 12_000 } });
    const bytes = noise(10_500);
    await files.write("mem://b/z", bytes, { compress: "gzip" });
    await files.copy(["mem://b/z"], `${folder}/z`);
    expect(digest(gunzipSync(readFileSync(`${folder}/z.gz`)))).toBe(digest(bytes));
    await files.write("mem://b/zz", noise(20_000), { encoding: "gzip" });
    await expect(files.copy(["mem://b/zz"], `${folder}/zz`)).rejects.toMatchObject({
      tag: "too_large",
      message: "an object too large to be copied as a whole: mem://b/zz",
    });
    expect(tree()).toEqual(["z.gz"]);
  });

  it("is listed by nobody before it is whole", async () => {
    let seen: readonly string[] = [];
    const bench = openBench({
      limits: { partBytes: 1000, partsAhead: 0 },
      wrap: (store) => ({
        ...store,
        async get(key, options) {
          if (isMem(store) && options?.range?.start === 5000) {
            seen = [];
            for await (const { name } of bench.files.list(`${bench.folder}/dst`)) {
              seen = [...seen, name];
            }
          }
          return store.get(key, options);
        },
      }),
    });
    await bench.files.write("mem://b/big", noise(10_000));
    writeAll(bench.folder, { "dst/other": "" });
    await bench.files.copy(["mem://b/big"], `${bench.folder}/dst`);
    expect(seen).toEqual(["other"]);
    expect(statSync(`${bench.folder}/dst/big`).size).toBe(10_000);
  });
});

describe("a copy that fails", () => {
  /** A bench whose mem store stops answering at one byte. */
  const failingAt = (start: number, act: () => void = () => undefined) =>
    openBench({
      limits: { partBytes: 1000, partsAhead: 0 },
      wrap: (store) => ({
        ...store,
        async get(key, options) {
          if (isMem(store) && options?.range?.start === start) {
            act();
            throw new UnreachableError("the server hung up");
          }
          return store.get(key, options);
        },
      }),
    });

  it("midway leaves the old object whole, and nothing beside it", async () => {
    const { files, folder, tree } = failingAt(3000);
    await files.write("mem://b/big", noise(5000));
    writeAll(folder, { "dst/big": "old" });
    await expect(files.copy(["mem://b/big"], `${folder}/dst`)).rejects.toThrow(UnreachableError);
    await expect(files.move(["mem://b/big"], `${folder}/dst`)).rejects.toThrow(UnreachableError);
    expect(tree()).toEqual(["dst/big"]);
    expect(read(folder, "dst/big")).toBe("old");
    expect(await files.exists("mem://b/big")).toBe(true);
  });

  it("by being cancelled does too", async () => {
    const cancel = new AbortController();
    const { files, folder, tree } = failingAt(3000, () => cancel.abort());
    await files.write("mem://b/big", noise(5000));
    writeAll(folder, { "dst/big": "old" });
    await expect(files.copy(["mem://b/big"], `${folder}/dst`, { signal: cancel.signal })).rejects.toMatchObject({
      tag: "cancelled",
    });
    expect(tree()).toEqual(["dst/big"]);
    expect(read(folder, "dst/big")).toBe("old");
  });

  it("among many leaves those that are whole, and starts no more", async () => {
    let started = 0;
    const { files } = openBench({
      wrap: (store) => ({
        ...store,
        async get(key, options) {
          started++;
          if (key === "03") {
            throw new UnreachableError("the server hung up");
          }
          return store.get(key, options);
        },
      }),
    });
    for (let i = 0; i < 10; i++) {
      await files.write(`mem://a/0${i}`, utf8(String(i)));
    }
    await expect(files.move(["mem://a/**"], "mem://b/", { concurrency: 1 })).rejects.toThrow("the server hung up");
    expect(started).toBe(4);
    expect((await files.size("mem://a")).count).toBe(7);
    expect((await files.size("mem://b")).count).toBe(3);
  });

  it("for want of the target's bucket is no missing source", async () => {
    const { files } = openBench({
      wrap: (store) => ({
        ...store,
        put: async (key, bytes, options) => {
          if (store.location.authority === "none") {
            throw new NotFoundError("no such bucket");
          }
          await store.put?.(key, bytes, options);
        },
      }),
    });
    await files.write("mem://a/x", utf8(""));
    const pair = { from: "mem://a/x", to: "mem://none/x" };
    await expect(files.copyPairs([pair], { allowMissing: true })).rejects.toThrow("no such bucket");
    expect(await files.copyPairs([{ ...pair, from: "mem://a/none" }], { allowMissing: true })).toEqual({
      count: 0,
      bytes: 0,
      missingCount: 1,
    });
  });
});

describe("a move", () => {
  it("deletes many at once where the service does", async () => {
    const batches: (readonly string[])[] = [];
    const { files } = openBench({
      wrap: (store) => ({
        ...store,
        async deleteAll(keys, options) {
          batches.push(keys);
          await Promise.all(keys.map((key) => store.delete?.(key, options)));
          return [];
        },
      }),
    });
    for (let i = 0; i < 5; i++) {
      await files.write(`mem://a/x/${i}`, utf8(""));
    }
    await files.move(["mem://a/x"], "mem://b/y");
    expect(batches.map((keys) => keys.length)).toEqual([5]);
    expect((await files.size("mem://a")).count).toBe(0);
    expect((await files.size("mem://b/y")).count).toBe(5);
  });

  it("from where nothing can be deleted copies nothing", async () => {
    const { files } = openBench({
      wrap: (store) => (store.location.authority === "fixed" ? { ...store, delete: undefined } : store) as Store,
    });
    await files.write("mem://fixed/x", utf8(""));
    await expect(files.move(["mem://fixed/x"], "mem://b/x")).rejects.toMatchObject({ tag: "read_only" });
    expect(await files.exists("mem://b/x")).toBe(false);
  });

  it("between two names of one file loses nothing", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "real/a": "content" });
    symlinkSync(`${folder}/real`, `${folder}/link`);
    await expect(files.move([`${folder}/real/a`], `${folder}/link/a`)).rejects.toMatchObject({ tag: "conflict" });
    expect(read(folder, "real/a")).toBe("content");
  });

  it("takes empty folders away, and no others", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "x/y/a": "1", "x/b": "2", keep: "" });
    await files.move([`${folder}/x`], `${folder}/z`);
    expect(tree()).toEqual(["keep", "z/b", "z/y/a"]);
    expect(await files.isFolder(`${folder}/x`)).toBe(false);
  });
});
