import { createHash } from "node:crypto";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  CancelledError,
  ConflictError,
  InvalidChunkError,
  ReadOnlyError,
  TooLargeError,
} from "../../../../server/src/errors.ts";
import type { Store } from "../../../../server/src/storage/store.ts";
import { startFakeServer } from "../../../fakes/httpServer.ts";
import { noise, openBench, read, text, utf8, writeAll } from "./harness.ts";

describe("read", () => {
  it("gives content, whatever its compression, and raw bytes with its name", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { plain: "hello", "g.gz": gzipSync("zipped"), "b.br": brotliCompressSync("brotli") });
    expect(text((await files.read(`${folder}/plain`))?.bytes)).toBe("hello");
    expect(text((await files.read(`${folder}/g`))?.bytes)).toBe("zipped");
    expect(text((await files.read(`${folder}/b`))?.bytes)).toBe("brotli");
    const raw = await files.read(`${folder}/g`, { raw: true });
    expect(raw?.encoding).toBe("gzip");
    expect(gunzipSync(raw?.bytes ?? "").toString()).toBe("zipped");
  });

  it("reads a file under its whole name as it is", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "g.gz": gzipSync("zipped") });
    expect(gunzipSync((await files.read(`${folder}/g.gz`))?.bytes ?? "").toString()).toBe("zipped");
  });

  it("gives ranges of the content, also where it is compressed", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { plain: "hello", "g.gz": gzipSync("zipped") });
    expect(text((await files.read(`${folder}/plain`, { range: { start: 1, end: 3 } }))?.bytes)).toBe("el");
    expect(text((await files.read(`${folder}/g`, { range: { start: 1, end: 3 } }))?.bytes)).toBe("ip");
    expect(text((await files.read(`${folder}/g`, { range: { start: -2 } }))?.bytes)).toBe("ed");
    const magic = await files.read(`${folder}/g`, { raw: true, range: { start: 0, end: 2 } });
    expect([...(magic?.bytes ?? [])]).toEqual([0x1f, 0x8b]);
  });

  it("is undefined for what is not there", async () => {
    const { files, folder } = openBench();
    expect(await files.read(`${folder}/nothing`)).toBeUndefined();
    expect(await files.readParts(`${folder}/nothing`)).toBeUndefined();
    expect(await files.stat(`${folder}/nothing`)).toBeUndefined();
    expect(await files.exists(`${folder}/nothing`)).toBe(false);
  });

  it("refuses damaged compression and more than was allowed", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "bad.gz": gzipSync("zipped").subarray(0, 12), "big.gz": gzipSync(new Uint8Array(5000)) });
    await expect(files.read(`${folder}/bad`)).rejects.toThrow(InvalidChunkError);
    await expect(files.read(`${folder}/big`, { maxBytes: 4999 })).rejects.toThrow(InvalidChunkError);
    await expect(files.read(`${folder}/big`, { maxBytes: 10 })).rejects.toThrow(TooLargeError);
    expect((await files.read(`${folder}/big`, { maxBytes: 5000 }))?.bytes.byteLength).toBe(5000);
  });

  it("reads web servers, by names that need encoding, and with a query", async () => {
    const server = await startFakeServer();
    const { files } = openBench();
    try {
      server.objects.set("a b/100%", { bytes: utf8("hello") });
      server.objects.set("z", { bytes: gzipSync("zipped"), encoding: "gzip" });
      expect(text((await files.read(`${server.origin}/a%20b/100%25`))?.bytes)).toBe("hello");
      expect(text((await files.read(`${server.origin}/z?key=1`))?.bytes)).toBe("zipped");
      expect(server.seen.at(-1)?.url).toBe("/z?key=1");
      await expect(files.write(`${server.origin}/new`, utf8(""))).rejects.toThrow(ReadOnlyError);
    } finally {
      await server.close();
    }
  });
});

describe("readParts", () => {
  it("reads in parts, each as large as was agreed, and whole", async () => {
    const { files, folder } = openBench({ limits: { partBytes: 1000, partsAhead: 2 } });
    const bytes = noise(10_500);
    writeAll(folder, { big: bytes, "z.gz": gzipSync(bytes) });
    for (const [name, raw, largest] of [
      ["big", false, 1000],
      ["z", false, 10_500],
      ["z", true, 1000],
    ] as const) {
      const hash = createHash("sha256");
      const sizes: number[] = [];
      for await (const part of (await files.readParts(`${folder}/${name}`, { raw })) ?? []) {
        hash.update(part);
        sizes.push(part.byteLength);
      }
      expect(Math.max(...sizes)).toBe(largest);
      expect(hash.digest("hex")).toBe(
        createHash("sha256")
          .update(raw ? gzipSync(bytes) : bytes)
          .digest("hex"),
      );
    }
  });

  it("never puts two versions of an object together", async () => {
    let reads = 0;
    const wrap = (store: Store): Store => ({
      ...store,
      async get(key, options) {
        if (++reads === 3) {
          await store.put?.(key, noise(5000, "other"));
        }
        return store.get(key, options);
      },
    });
    const { files } = openBench({ wrap, limits: { partBytes: 1000, partsAhead: 0 } });
    await files.write("mem://bucket/x", noise(5000));
    const parts = await files.readParts("mem://bucket/x");
    let count = 0;
    await expect(async () => {
      for await (const _ of parts ?? []) {
        count++;
      }
    }).rejects.toMatchObject({ tag: "conflict", message: "the object changed while it was read: mem://bucket/x" });
    expect(count).toBe(2);
  });

  it("fetches no more than a few parts ahead of its reader, and stops when the reader does", async () => {
    const asked: number[] = [];
    const wrap = (store: Store): Store => ({
      ...store,
      get(key, options) {
        asked.push(options?.range?.start ?? 0);
        return store.get(key, options);
      },
    });
    const { files } = openBench({ wrap, limits: { partBytes: 10, partsAhead: 2 } });
    await files.write("mem://bucket/x", noise(1000));
    for await (const _ of (await files.readParts("mem://bucket/x")) ?? []) {
      break;
    }
    expect(asked).toEqual([0, 10, 20]);
  });
});

describe("write", () => {
  it("compresses as told, and takes the twins away", async () => {
    const { files, folder, tree } = openBench();
    await files.write(`${folder}/x`, utf8("content"));
    await files.write(`${folder}/x`, utf8("content"), { compress: "gzip" });
    expect(tree()).toEqual(["x.gz"]);
    await files.write(`${folder}/x`, utf8("content"), { compress: "br" });
    expect(tree()).toEqual(["x.br"]);
    expect(text((await files.read(`${folder}/x`))?.bytes)).toBe("content");
    await files.write(`${folder}/x`, gzipSync("ready"), { encoding: "gzip" });
    expect(text((await files.read(`${folder}/x`))?.bytes)).toBe("ready");
  });

  it("writes only under its condition", async () => {
    const { files } = openBench();
    await files.write("mem://b/x", utf8("1"), { onlyIf: "absent" });
    await expect(files.write("mem://b/x", utf8("2"), { onlyIf: "absent" })).rejects.toThrow(ConflictError);
    const etag = (await files.stat("mem://b/x"))?.etag ?? "";
    await files.write("mem://b/x", utf8("3"), { onlyIf: { etag } });
    await expect(files.write("mem://b/x", utf8("4"), { onlyIf: { etag } })).rejects.toThrow(ConflictError);
    expect(text((await files.read("mem://b/x"))?.bytes)).toBe("3");
  });

  it("does nothing once it is cancelled", async () => {
    const { files } = openBench();
    await expect(files.write("mem://b/x", utf8("1"), { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
    expect(await files.exists("mem://b/x")).toBe(false);
  });
});

describe("touch", () => {
  it("makes an empty object, and leaves what is there alone", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "a.txt": "hello", "z.gz": gzipSync("zipped") });
    expect(await files.touch(`${folder}/a.txt`)).toBe(false);
    expect(await files.touch(`${folder}/z`)).toBe(false);
    expect(await files.touch(`${folder}/q/new`)).toBe(true);
    expect(tree()).toEqual(["a.txt", "q/new", "z.gz"]);
    expect(read(folder, "a.txt")).toBe("hello");
    expect(read(folder, "q/new")).toBe("");
  });
});
