/** The built server over a Google bucket that checks tokens: a token signed in with, conditional writes by generation, a listing that is denied. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyObjects, measureObjects, statObject } from "../../schemas/protocol/objects.ts";
import {
  describePlace,
  listFolder,
  readIdentity,
  readText,
  useCredentials,
  writeText,
} from "../../schemas/protocol/storage.ts";
import { type GcsServer, startGcsServer } from "../fakes/cloud/gcsServer.ts";
import { type ServerProcess, startServer } from "./serverProcess.ts";

let server: ServerProcess;
let google: GcsServer;
let home: string;

const location = "gs://papers/layer/info";

beforeAll(async () => {
  google = await startGcsServer({ accounts: [{ email: "me@lab" }], buckets: { papers: { anonymous: ["get"] } } });
  home = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-google-"));
  server = await startServer({}, { HOME: home, STORAGE_EMULATOR_HOST: google.origin });
  google.seed("papers", "layer/info", new TextEncoder().encode("{}"), { contentType: "application/json" });
});
afterAll(async () => {
  await server.stop();
  await google.close();
  rmSync(home, { recursive: true });
});

async function signIn(token?: string): Promise<void> {
  const identity = { kind: "signed in" as const, name: "me@lab" };
  const held = token === undefined ? [] : [{ origin: google.origin, credential: { kind: "bearer", token }, identity }];
  await server.connection.sendNotification(useCredentials.method, { held });
}

it("reads what everybody may read, and says that listing is denied", async () => {
  await signIn();
  expect((await server.request(readIdentity, { location })).identity).toMatchObject({ kind: "anonymous" });
  expect((await server.request(readText, { location })).text).toBe("{}");
  expect(await server.request(listFolder, { location: "gs://papers/other" })).toEqual({
    entries: [],
    cannotList: true,
    isDenied: true,
    deniedReason: expect.any(String),
  });
});

it("sends a token that was signed in with only to the origin that it is held for", async () => {
  const token = google.tokens.issue("me@lab");
  expect((await server.request(describePlace, { text: location })).origin).toBe(google.origin);
  await signIn(token);
  expect((await server.request(readIdentity, { location })).identity).toEqual({ kind: "signed in", name: "me@lab" });
  const { entries } = await server.request(listFolder, { location: "gs://papers" });
  expect(entries.map(({ name }) => name)).toEqual(["layer"]);
});

it("writes over what was read, by its generation, and copies inside the service", async () => {
  await signIn(google.tokens.issue("me@lab"));
  const { etag = "" } = await server.request(readText, { location });
  const written = await server.request(writeText, { location, text: '{"a":1}', onlyIf: { etag } });
  await expect(server.request(writeText, { location, text: "late", onlyIf: { etag } })).rejects.toMatchObject({
    data: { tag: "conflict", data: { etag: written.etag } },
  });
  expect(await server.request(statObject, { location })).toMatchObject({
    sizeBytes: 7,
    contentType: "application/json",
    etag: written.etag,
  });
  const from = { location: "gs://papers/layer", kind: "folder" as const };
  await server.request(copyObjects, { from, to: "gs://papers/copy", existing: "keep" });
  const places = [{ location: "gs://papers/copy", kind: "folder" as const }];
  expect(await server.request(measureObjects, { places })).toEqual({ objects: 1, bytes: 7, isLowerBound: false });
});

it("says that a token that is no longer good is denied, and does not repeat it", async () => {
  const token = google.tokens.issue("me@lab");
  google.tokens.expireAll();
  await signIn(token);
  const error: unknown = await server.request(listFolder, { location: "gs://papers" }).catch((cause: unknown) => cause);
  expect(JSON.stringify(error)).not.toContain(token);
  expect(error).toMatchObject({ isDenied: true });
});
