/** The built server over a bucket that checks signatures and rights: signing in, conditional writes, prefixes, forbidden listings. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  deleteObjects,
  downloadObjects,
  measureObjects,
  moveObjects,
  statObject,
  uploadFiles,
} from "../../schemas/protocol/objects.ts";
import {
  describePlace,
  type HeldCredentialMessage,
  listFolder,
  readIdentity,
  readText,
  useCredentials,
  writeText,
} from "../../schemas/protocol/storage.ts";
import { type S3Server, startS3Server } from "../fakes/cloud/s3Server.ts";
import { type ServerProcess, startServer } from "./serverProcess.ts";

let server: ServerProcess;
let s3: S3Server;
let disk: string;

const writer = { accessKeyId: "AKIAWRITER", secretAccessKey: "s3cr3t-of-the-writer" };
const reader = { accessKeyId: "AKIAREADER", secretAccessKey: "s3cr3t-of-the-reader" };
const info = JSON.stringify({
  type: "image",
  data_type: "uint8",
  num_channels: 1,
  scales: [{ key: "4_4_40", size: [8, 8, 8], resolution: [4, 4, 40], chunk_sizes: [[8, 8, 8]], encoding: "raw" }],
});

beforeAll(async () => {
  s3 = await startS3Server({
    credentials: [writer, reader],
    buckets: { papers: { anonymous: [], rights: { AKIAWRITER: ["get", "list", "write"], AKIAREADER: ["get"] } } },
  });
  disk = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-buckets-"));
  mkdirSync(path.join(disk, "home"));
  // No credential of this machine may be found.
  server = await startServer({}, { HOME: path.join(disk, "home"), AWS_EC2_METADATA_DISABLED: "true" });
});
afterAll(async () => {
  await server.stop();
  await s3.close();
  rmSync(disk, { recursive: true });
});
beforeEach(() => {
  const bucket = s3.buckets.get("papers");
  expect(bucket).toBeDefined();
  s3.seed("papers", "layer/info", new TextEncoder().encode(info), { "content-type": "application/json" });
});

const at = (key: string): string => `s3://${s3.origin}/papers/${key}`;

async function signIn(key?: typeof writer): Promise<void> {
  const held: readonly HeldCredentialMessage[] =
    key === undefined
      ? []
      : [
          {
            origin: s3.origin,
            bucket: "papers",
            credential: { kind: "aws", ...key },
            identity: { kind: "signed in", name: key.accessKeyId },
          },
        ];
  await server.connection.sendNotification(useCredentials.method, { held });
}

it("knows who asks as soon as somebody signs in, and no longer once it is forgotten", async () => {
  const identity = async () => (await server.request(readIdentity, { location: at("layer") })).identity;
  await signIn(writer);
  expect(await identity()).toEqual({ kind: "signed in", name: "AKIAWRITER" });
  expect((await server.request(describePlace, { text: at("layer") })).origin).toBe(s3.origin);
  await signIn();
  expect((await identity())?.kind).not.toBe("signed in");
});

it("says that a wrong key is denied, and names no secret", async () => {
  await signIn({ ...writer, secretAccessKey: "s3cr3t-but-wrong" });
  const error: unknown = await server
    .request(readText, { location: at("layer/info") })
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: -32002, data: { tag: "permission_denied" } });
  const { deniedReason } = await server.request(listFolder, { location: at("other") });
  expect(deniedReason).toMatch(/key/);
  expect(JSON.stringify(error) + deniedReason).not.toContain("s3cr3t");
});

it("opens a layer by its path where listing is not allowed, and never says that nothing is there", async () => {
  await signIn(reader);
  const layer = await server.request(listFolder, { location: at("layer") });
  expect(layer).toMatchObject({ layer: { kind: "image" }, cannotList: true, isDenied: true });
  expect(layer.entries).toMatchObject([{ name: "info", kind: "file" }]);
  expect(await server.request(listFolder, { location: at("other") })).toEqual({
    entries: [],
    cannotList: true,
    isDenied: true,
    deniedReason: expect.any(String),
  });
});

describe("with rights", () => {
  it("writes an info only over what was read, and keeps its type", async () => {
    await signIn(writer);
    const location = at("layer/info");
    const { etag = "" } = await server.request(readText, { location });
    const written = await server.request(writeText, { location, text: "{}", onlyIf: { etag } });
    expect(written.etag).toBeDefined();
    await expect(server.request(writeText, { location, text: "late", onlyIf: { etag } })).rejects.toMatchObject({
      data: { tag: "conflict", data: { etag: written.etag } },
    });
    expect(await server.request(statObject, { location })).toMatchObject({
      sizeBytes: 2,
      contentType: "application/json",
      etag: written.etag,
    });
  });

  it("lists names by prefix without listing all, an object and a folder of one name as two", async () => {
    await signIn(writer);
    for (const key of ["many/aa", "many/seg", "many/seg/below", "many/sega", "many/zz"]) {
      s3.seed("papers", key, new Uint8Array(3));
    }
    s3.requests.length = 0;
    const { entries } = await server.request(listFolder, { location: at("many"), prefixFilter: "seg" });
    expect(entries.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ["seg", "file", 3],
      ["seg", "folder", undefined],
      ["sega", "file", 3],
    ]);
  });

  it("uploads, counts, moves inside the service, downloads and deletes", async () => {
    await signIn(writer);
    mkdirSync(path.join(disk, "drafts"), { recursive: true });
    writeFileSync(path.join(disk, "drafts", "a b.txt"), "12345");
    const paths = [path.join(disk, "drafts")];
    const upload = { paths, location: at("in"), existing: "keep" as const };
    expect(await server.request(uploadFiles, upload)).toMatchObject({ objects: 1, failed: 0 });
    expect(await server.request(uploadFiles, upload)).toMatchObject({ objects: 0, existing: 1, failed: 0 });
    const from = { location: at("in/drafts"), kind: "folder" as const };
    const moved = { location: at("moved"), kind: "folder" as const };
    await server.request(moveObjects, { from, to: moved.location, existing: "keep" });
    expect(await server.request(measureObjects, { places: [from] })).toMatchObject({ objects: 0 });
    expect(await server.request(measureObjects, { places: [moved] })).toMatchObject({ objects: 1, bytes: 5 });
    const folder = path.join(disk, "down");
    await server.request(downloadObjects, { places: [moved], folder, existing: "keep" });
    expect(readFileSync(path.join(folder, "moved", "a b.txt"), "utf8")).toBe("12345");
    expect(await server.request(deleteObjects, { places: [moved] })).toMatchObject({ objects: 1, failed: 0 });
    expect(await server.request(measureObjects, { places: [moved] })).toMatchObject({ objects: 0 });
  });
});
