/** A fake S3 for each test, with Amazon's own client. */
import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { afterEach, beforeEach } from "vitest";
import { type S3Server, startS3Server } from "../../fakes/cloud/s3Server.ts";
import type { S3Credential } from "../../fakes/cloud/s3State.ts";

export const owner: S3Credential = { accessKeyId: "AKOWNER", secretAccessKey: "owner-secret" };
export const reader: S3Credential = { accessKeyId: "AKREADER", secretAccessKey: "reader-secret" };
export const guest: S3Credential = {
  accessKeyId: "ASGUEST",
  secretAccessKey: "guest-secret",
  sessionToken: "guest-token",
};
export const start = Date.now();
export const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

export interface S3Fake {
  readonly server: S3Server;
  /** Where the bucket "moved" is said to be. */
  readonly elsewhere: S3Server;
  /** ms since 1970, for the server. */
  time: number;
  /** Default the owner's. */
  client(credentials?: S3Credential | "anonymous", config?: S3ClientConfig): S3Client;
}

/** Starts the servers before each test of the file and stops them after. */
export function useS3Fake(): S3Fake {
  let servers: readonly [server: S3Server, elsewhere: S3Server] | undefined;
  const clients: S3Client[] = [];
  const running = (): NonNullable<typeof servers> => {
    if (servers === undefined) {
      throw new Error("no test is running");
    }
    return servers;
  };
  const fake: S3Fake = {
    time: start,
    get server() {
      return running()[0];
    },
    get elsewhere() {
      return running()[1];
    },
    client(credentials = owner, config = {}) {
      const client = makeClient(fake.server.origin, credentials, config);
      clients.push(client);
      return client;
    },
  };
  beforeEach(async () => {
    fake.time = start;
    const elsewhere = await startS3Server({ credentials: [owner], buckets: {} });
    servers = [await startServer(fake, elsewhere), elsewhere];
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.destroy();
    }
    await Promise.all(running().map((server) => server.close()));
  });
  return fake;
}

function startServer(fake: S3Fake, elsewhere: S3Server): Promise<S3Server> {
  return startS3Server({
    credentials: [owner, reader, { ...guest, expiresMs: start + 3_600_000 }],
    now: () => fake.time,
    buckets: {
      b: {
        rights: { AKOWNER: ["get", "list", "write"], AKREADER: ["get"], ASGUEST: ["get", "list"] },
        locked: ["locked"],
      },
      open: { anonymous: ["get"] },
      public: { anonymous: ["get", "list"] },
      paid: { requesterPays: true },
      far: { region: "eu-west-3" },
      strict: { region: "eu-west-3", wrongRegion: "malformed" },
      moved: { movedTo: { origin: elsewhere.origin, status: 307 } },
    },
  });
}

function makeClient(endpoint: string, credentials: S3Credential | "anonymous", config: S3ClientConfig): S3Client {
  const anonymous = {
    signer: { sign: async <T>(request: T): Promise<T> => request },
    credentials: { accessKeyId: "", secretAccessKey: "" },
  };
  return new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    ...(credentials === "anonymous" ? anonymous : { credentials }),
    ...config,
  });
}

/** `STATUS Code` of a failure. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no failure",
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.$metadata?.httpStatusCode} ${error.name}`,
  );
}

export async function bytesOf(
  promise: Promise<{ Body?: { transformToByteArray(): Promise<Uint8Array> } }>,
): Promise<Uint8Array | undefined> {
  return (await promise).Body?.transformToByteArray();
}

export const get = (Key: string, rest: object = {}): GetObjectCommand =>
  new GetObjectCommand({ Bucket: "b", Key, ...rest });
export const put = (Key: string, rest: object = {}): PutObjectCommand =>
  new PutObjectCommand({ Bucket: "b", Key, Body: ten, ...rest });
