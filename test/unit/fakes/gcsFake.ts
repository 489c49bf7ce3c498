/** A fake Google Cloud Storage for each test, with Google's own client and plain requests to it. */
import { generateKeyPairSync } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Storage } from "@google-cloud/storage";
import { OAuth2Client } from "google-auth-library";
import { afterEach, beforeEach } from "vitest";
import { type GcsServer, startGcsServer } from "../../fakes/cloud/gcsServer.ts";

export const ten = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
export const start = Date.now();
export const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

export interface Plain {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface PlainOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GcsFake {
  readonly server: GcsServer;
  /** ms since 1970, for the server. */
  time: number;
  /** A client with a token that it does not renew; default the owner's. */
  client(account?: string, token?: string): Storage;
  bearer(account?: string): { readonly authorization: string };
  /** A request as it is, without what fetch adds to it. */
  plain(path: string, options?: PlainOptions): Promise<Plain>;
}

/** Starts the server before each test of the file and stops it after. */
export function useGcsFake(): GcsFake {
  let server: GcsServer | undefined;
  const fake: GcsFake = {
    time: start,
    get server() {
      if (server === undefined) {
        throw new Error("no test is running");
      }
      return server;
    },
    client: (account = "owner@x", token = fake.server.tokens.issue(account)) => {
      const authClient = new OAuth2Client();
      authClient.setCredentials({ access_token: token });
      return new Storage({
        apiEndpoint: fake.server.origin,
        projectId: "p",
        useAuthWithCustomEndpoint: true,
        authClient,
        retryOptions: { autoRetry: false },
      });
    },
    bearer: (account = "owner@x") => ({ authorization: `Bearer ${fake.server.tokens.issue(account)}` }),
    plain: (path, options) => ask(fake.server.origin + path, options),
  };
  beforeEach(async () => {
    fake.time = start;
    server = await startGcsServer({
      now: () => fake.time,
      rewriteBytesPerCall: 8,
      accounts: [
        { email: "owner@x", publicKey: keys.publicKey.export({ type: "spki", format: "pem" }).toString() },
        {
          email: "reader@x",
          refresh: { token: "refresh", clientId: "client", clientSecret: "client-secret" },
          projects: ["mine"],
        },
        { email: "machine@x", isInstance: true },
      ],
      buckets: {
        b: { rights: { "owner@x": ["get", "list", "write", "bucket"], "reader@x": ["get"] }, locked: ["locked"] },
        open: { anonymous: ["get"] },
        public: { anonymous: ["get", "list"] },
        paid: { requesterPays: true },
      },
    });
  });
  afterEach(() => server?.close());
  return fake;
}

/** `STATUS reason` of a failure. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no failure",
    (error: { code?: unknown; errors?: readonly { reason?: string }[]; message: string }) =>
      `${String(error.code)} ${error.errors?.[0]?.reason ?? error.message}`,
  );
}

async function ask(url: string, { method = "GET", headers = {}, body = "" }: PlainOptions = {}): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) {
        parts.push(part as Buffer);
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
    });
    request.on("error", reject).end(body);
  });
}
