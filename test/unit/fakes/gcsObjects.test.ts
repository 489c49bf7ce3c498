/** Writes to the fake Google Cloud Storage, by Google's own client and by hand. */
import type { Storage } from "@google-cloud/storage";
import { describe, expect, test } from "vitest";
import { failureOf, type Plain, ten, useGcsFake } from "./gcsFake.ts";

const fake = useGcsFake();

type Decorated = ReturnType<NonNullable<Storage["interceptors"][number]["request"]>>;

describe("objects", () => {
  test.each([false, true])("come back with what was said of them (resumable: %s)", async (resumable) => {
    // The client sends no token with resumable uploads to an endpoint of ours.
    const storage = fake.client();
    const Authorization = fake.bearer().authorization ?? "";
    storage.interceptors.push({
      // The client's own types do not admit that a decorated request is a request.
      request: (options) => ({ ...options, headers: { ...options.headers, Authorization } }) as Decorated,
    });
    const file = storage.bucket("b").file("a/ü b");
    await file.save(ten, {
      resumable,
      validation: "crc32c",
      metadata: { contentType: "a/b", cacheControl: "no-cache", contentEncoding: "br" },
    });
    expect((await file.getMetadata())[0]).toMatchObject({
      name: "a/ü b",
      size: "10",
      contentType: "a/b",
      cacheControl: "no-cache",
      contentEncoding: "br",
      md5Hash: "xWvVSA9uVBPLYqCtlmZhOg==", // openssl md5 -binary | base64
      crc32c: "AiwhMQ==", // google_crc32c
      metageneration: "1",
    });
    expect(fake.server.uploadsOpen()).toBe(0);
  });

  test("a simple upload", async () => {
    const path = "/upload/storage/v1/b/b/o?uploadType=media&name=k&contentEncoding=gzip";
    const reply = await fake.plain(path, {
      method: "POST",
      headers: { ...fake.bearer(), "content-type": "c/d" },
      body: "text",
    });
    expect(JSON.parse(reply.body.toString())).toMatchObject({ size: "4", contentType: "c/d", contentEncoding: "gzip" });
  });

  test("a resumable upload takes steps of 256 KiB and says how far it is", async () => {
    const begun = await fake.plain("/upload/storage/v1/b/b/o?uploadType=resumable&name=k", {
      method: "POST",
      headers: fake.bearer(),
    });
    const path = new URL(String(begun.headers.location)).href.slice(fake.server.origin.length);
    const send = (range: string, body = ""): Promise<Plain> =>
      fake.plain(path, { method: "PUT", headers: { "content-range": range }, body });
    expect(await send("bytes */*")).toMatchObject({
      status: 308,
      headers: expect.not.objectContaining({ range: expect.anything() }),
    });
    const first = await send("bytes 0-262153/*", "x".repeat(262_154));
    expect([first.status, first.headers.range]).toEqual([308, "bytes=0-262143"]); // the ten bytes over are dropped
    expect((await send("bytes */262146")).headers.range).toBe("bytes=0-262143");
    const last = await send("bytes 262144-262145/262146", "yz");
    expect([last.status, JSON.parse(last.body.toString()).size]).toEqual([200, "262146"]);
    expect(fake.server.buckets.get("b")?.objects.get("k")?.bytes.subarray(-3)).toEqual(
      Uint8Array.from(Buffer.from("xyz")),
    );
    expect((await send("bytes */262146")).status).toBe(404);
  });

  test("content with another checksum than said is refused", async () => {
    const file = fake.client().bucket("b").file("k");
    const save = file.save(ten, { resumable: false, metadata: { crc32c: "AAAAAA==" } });
    expect(await failureOf(save)).toBe("400 invalid");
    expect(await file.exists()).toEqual([false]);
  });

  test("conditions hold on put, get and delete", async () => {
    const bucket = fake.client().bucket("b");
    const save = (ifGenerationMatch: number | string): Promise<void> =>
      bucket.file("k").save(ten, { resumable: false, preconditionOpts: { ifGenerationMatch } });
    await save(0);
    expect(await failureOf(save(0))).toBe("412 conditionNotMet");
    const generation = String((await bucket.file("k").getMetadata())[0].generation);
    await save(generation);
    expect(await failureOf(save(generation))).toBe("412 conditionNotMet");
    expect(await failureOf(bucket.file("k").delete({ ifGenerationMatch: generation }))).toBe("412 conditionNotMet");
    expect(
      (await fake.plain(`/storage/v1/b/b/o/k?ifGenerationMatch=${generation}`, { headers: fake.bearer() })).status,
    ).toBe(412);
    const current = String((await bucket.file("k").getMetadata())[0].generation);
    expect(
      (await fake.plain(`/storage/v1/b/b/o/k?ifGenerationNotMatch=${current}`, { headers: fake.bearer() })).status,
    ).toBe(304);
    expect(
      (await fake.plain("/b/k", { headers: { ...fake.bearer(), "x-goog-if-generation-match": generation } })).status,
    ).toBe(412);
    expect((await fake.plain(`/storage/v1/b/b/o/k?generation=${generation}`, { headers: fake.bearer() })).status).toBe(
      404,
    );
  });

  test("a patch is a new metageneration, on which writes may depend", async () => {
    fake.server.seed("b", "k", ten, { cacheControl: "no-cache" });
    const file = fake.client().bucket("b").file("k");
    const headers = { ...fake.bearer(), "content-type": "application/json" };
    const body = JSON.stringify({ cacheControl: null, contentType: "a/b" });
    const patched: unknown = JSON.parse(
      (await fake.plain("/storage/v1/b/b/o/k", { method: "PATCH", headers, body })).body.toString(),
    );
    expect(patched).toMatchObject({ metageneration: "2", contentType: "a/b" });
    expect(patched).not.toHaveProperty("cacheControl");
    expect(await failureOf(file.setMetadata({ contentType: "c/d" }, { ifMetagenerationMatch: 1 }))).toBe(
      "412 conditionNotMet",
    );
  });

  test("one of 16 writers at once wins", async () => {
    const file = fake.client().bucket("b").file("race");
    const save = (): Promise<void> => file.save(ten, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    const results = await Promise.all(Array.from({ length: 16 }, () => failureOf(save())));
    expect(results.filter((result) => result === "no failure")).toHaveLength(1);
  });

  test("are copied in as many calls as it takes, with their facts", async () => {
    fake.server.seed("b", "k", ten, { contentEncoding: "gzip" });
    await fake.client().bucket("b").file("k").copy("copy");
    expect(fake.server.buckets.get("b")?.objects.get("copy")).toMatchObject({
      bytes: Uint8Array.from(ten),
      facts: { contentEncoding: "gzip" },
    });
    expect(fake.server.requests.filter(({ path }) => path.includes("/rewriteTo/"))).toHaveLength(2);
    expect(await failureOf(fake.client().bucket("b").file("none").copy("copy"))).toBe("404 notFound");
  });

  test("are deleted once, unless they are locked", async () => {
    fake.server.seed("b", "k", ten);
    fake.server.seed("b", "locked", ten);
    await fake.client().bucket("b").file("k").delete();
    expect(await failureOf(fake.client().bucket("b").file("k").delete())).toBe("404 notFound");
    expect(await failureOf(fake.client().bucket("b").file("locked").delete())).toBe("403 retentionPolicyNotMet");
  });

  test("a batch has a reply for each of its parts", async () => {
    fake.server.seed("b", "a b", ten);
    const part = (name: string, id: number): string =>
      `--x\r\nContent-Type: application/http\r\nContent-ID: <${id}>\r\n\r\nDELETE /storage/v1/b/b/o/${name} HTTP/1.1\r\n\r\n\r\n`;
    const body = `${part("a%20b", 1)}${part("none", 2)}--x--`;
    const headers = { ...fake.bearer(), "content-type": "multipart/mixed; boundary=x" };
    const text = (await fake.plain("/batch/storage/v1", { method: "POST", headers, body })).body.toString();
    expect(text.match(/^(?:HTTP\/1.1 .*|Content-ID: .*)$/gm)).toEqual([
      "Content-ID: <response-1>",
      "HTTP/1.1 204 No Content",
      "Content-ID: <response-2>",
      "HTTP/1.1 404 Not Found",
    ]);
    expect(fake.server.buckets.get("b")?.objects.size).toBe(0);
  });

  test("a batch may have bare line feeds and absolute addresses, as Python's client sends", async () => {
    fake.server.seed("b", "k", ten);
    const line = `DELETE ${fake.server.origin}/storage/v1/b/b/o/k HTTP/1.1`;
    const body = `--x\nContent-Type: application/http\nMIME-Version: 1.0\n\n${line}\n\n\n--x--`;
    const headers = { ...fake.bearer(), "content-type": 'multipart/mixed; boundary="x"' };
    const text = (await fake.plain("/batch/storage/v1", { method: "POST", headers, body })).body.toString();
    expect(text).toContain("HTTP/1.1 204 No Content");
    expect(fake.server.buckets.get("b")?.objects.size).toBe(0);
  });
});
