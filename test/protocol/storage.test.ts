import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  deleteObjects,
  downloadObjects,
  measureObjects,
  moveObjects,
  type ObjectsProgress,
  objectsProgress,
  statObject,
  uploadFiles,
} from "../../schemas/protocol/objects.ts";
import {
  describePlace,
  listFolder,
  readIdentity,
  readText,
  useCredentials,
  writeText,
} from "../../schemas/protocol/storage.ts";
import { type ServerProcess, startServer } from "./serverProcess.ts";

let server: ServerProcess;
let root: string;
const told: ObjectsProgress[] = [];

beforeAll(async () => {
  server = await startServer();
  server.connection.onNotification(objectsProgress.method, (progress: ObjectsProgress) => {
    told.push(progress);
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-protocol-"));
  mkdirSync(path.join(root, "data", "x"), { recursive: true });
  writeFileSync(path.join(root, "data", "a.txt"), "first");
  writeFileSync(path.join(root, "data", "x", "b"), "22");
  return () => rmSync(root, { recursive: true });
});
const at = (...parts: string[]): string => `file://${path.join(root, ...parts)}`;

it("says what a pasted text means, and why another means nothing", async () => {
  const place = await server.request(describePlace, { text: `gsutil ls ${at("data")}/` });
  expect(place).toMatchObject({ location: at("data"), name: "data", scheme: "file", canWrite: true, canList: true });
  await expect(server.request(describePlace, { text: "nonsense://x" })).rejects.toMatchObject({
    code: -32010,
    data: { tag: "invalid_location" },
  });
});

it("lists only the names that begin with a prefix", async () => {
  const { entries } = await server.request(listFolder, { location: at("data"), prefixFilter: "a" });
  expect(entries).toEqual([{ name: "a.txt", kind: "file", location: at("data", "a.txt"), sizeBytes: 5 }]);
});

describe("a text", () => {
  it("is replaced over what was read; a conflict has a tag and the stored etag", async () => {
    const location = at("data", "a.txt");
    const { etag = "" } = await server.request(readText, { location });
    const written = await server.request(writeText, { location, text: "second version", onlyIf: { etag } });
    expect(written.etag).not.toBe(etag);
    await expect(server.request(writeText, { location, text: "third", onlyIf: { etag } })).rejects.toMatchObject({
      code: -32016,
      data: { tag: "conflict", data: { etag: written.etag } },
    });
    expect(readFileSync(path.join(root, "data", "a.txt"), "utf8")).toBe("second version");
  });

  it("is not written under a condition that is none", async () => {
    const params = { location: at("data", "a.txt"), text: "x", onlyIf: { etag: 5 } };
    await expect(server.request(writeText, params as never)).rejects.toMatchObject({
      data: { tag: "invalid_argument" },
    });
  });
});

it("counts, tells its progress, moves and deletes", async () => {
  const places = [{ location: at("data"), kind: "folder" as const }];
  expect(await server.request(measureObjects, { places, job: 41 })).toEqual({
    objects: 2,
    bytes: 7,
    isLowerBound: false,
  });
  await expect.poll(() => told.some(({ job, objects }) => job === 41 && objects >= 1)).toBe(true);
  const from = { location: at("data"), kind: "folder" as const };
  await server.request(moveObjects, { from, to: at("moved"), existing: "keep" });
  expect(readdirSync(root)).toEqual(["moved"]);
  expect(await server.request(statObject, { location: at("moved", "x", "b") })).toMatchObject({ sizeBytes: 2 });
  const outcome = await server.request(deleteObjects, { places: [{ location: at("moved"), kind: "folder" }] });
  expect(outcome).toMatchObject({ objects: 2, failed: 0 });
  expect(readdirSync(root)).toEqual([]);
});

it("carries objects to and from a disk without their bytes crossing", async () => {
  const location = "mem://bucket/in";
  const up = await server.request(uploadFiles, { paths: [path.join(root, "data")], location, existing: "keep" });
  expect(up).toMatchObject({ objects: 2, bytes: 7, existing: 0 });
  const again = await server.request(uploadFiles, { paths: [path.join(root, "data")], location, existing: "keep" });
  expect(again).toMatchObject({ objects: 0, existing: 2 });
  const places = [{ location: `${location}/data/x`, kind: "folder" as const }];
  await server.request(downloadObjects, { places, folder: root, existing: "keep" });
  expect(readFileSync(path.join(root, "x", "b"), "utf8")).toBe("22");
});

it("refuses places that are none", async () => {
  const places = [{ location: at("data"), kind: "everything" }];
  await expect(server.request(deleteObjects, { places } as never)).rejects.toMatchObject({
    data: { tag: "invalid_argument" },
  });
  expect(readdirSync(root)).toEqual(["data"]);
});

it("takes credentials without an answer, and does not repeat bad ones", async () => {
  const logged: unknown[] = [];
  server.connection.onNotification("window/logMessage", (message) => {
    logged.push(message);
  });
  const identity = { kind: "signed in" };
  const credential = { kind: "bearer", token: "s3cr3t-good" };
  await server.connection.sendNotification(useCredentials.method, {
    held: [{ origin: "https://host", identity, credential }],
  });
  await server.connection.sendNotification(useCredentials.method, {
    held: [{ origin: "https://host", identity, credential: { kind: "bearer", token: ["s3cr3t-bad"] } }],
  });
  expect(await server.request(readIdentity, { location: at("data") })).toEqual({});
  await expect.poll(() => logged.length).toBeGreaterThan(0);
  expect(JSON.stringify(logged)).not.toContain("s3cr3t");
});
