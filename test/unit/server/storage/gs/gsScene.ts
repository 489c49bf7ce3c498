/** A fake Google Cloud Storage with a service account, and stores of it. */
import { generateKeyPairSync } from "node:crypto";
import type { Credential, Identity } from "../../../../../server/src/storage/credential.ts";
import { createGsDriver, type GsDriver, type GsDriverOptions } from "../../../../../server/src/storage/gs/gs.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import type { Clock } from "../../../../../server/src/storage/retry.ts";
import { defaultStoreOptions, type Store, type StoreOptions } from "../../../../../server/src/storage/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { type GcsServer, type GcsServerOptions, startGcsServer } from "../../../../fakes/cloud/gcsServer.ts";
import type { GcsAccount } from "../../../../fakes/cloud/gcsState.ts";

/** One pair for all tests of a file: making one takes a while. */
const keys = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** The account that signs with the key of `serviceKey`. */
export const serviceAccount: GcsAccount = { email: "service@project.example", publicKey: keys.publicKey };

export interface GsScene {
  readonly server: GcsServer;
  /** A service account's key file, whose tokens come from the fake. */
  readonly serviceKey: Readonly<Record<string, unknown>>;
  driver(
    options?: Partial<GsDriverOptions> & { readonly credential?: Credential; readonly identity?: Identity },
  ): GsDriver;
  /** A store of `gs://bucket/root` unless told otherwise; with the service account. */
  open(options?: OpenOptions): Store;
  /** The private key's text, and all tokens that the fake saw. */
  secrets(): string[];
  close(): Promise<void>;
}

export interface OpenOptions extends Partial<GsDriverOptions> {
  readonly location?: string;
  readonly limits?: Partial<StoreOptions>;
  readonly clock?: Clock;
  readonly credential?: Credential;
  readonly identity?: Identity;
}

/** `dispose` what is opened: the scene closes only the server. */
export async function openGsScene(options: Partial<GcsServerOptions> = {}): Promise<GsScene> {
  const server = await startGcsServer({ accounts: [serviceAccount], buckets: { bucket: {} }, ...options });
  const serviceKey = {
    type: "service_account",
    client_email: serviceAccount.email,
    private_key: keys.privateKey,
    token_uri: server.tokenUrl,
  };
  const driver: GsScene["driver"] = ({ credential, identity, ...driverOptions } = {}) =>
    createGsDriver({
      origin: server.origin,
      clock: { ...createFakeClock(), now: () => Date.now() },
      find: async () => ({
        credential: credential ?? { kind: "google", json: serviceKey },
        identity: identity ?? { kind: "file", name: serviceAccount.email },
      }),
      ...driverOptions,
    });
  return {
    server,
    serviceKey,
    driver,
    open: ({ location = "gs://bucket/root", limits, ...others } = {}) =>
      driver(others).open(parseLocation(location), { ...defaultStoreOptions, ...limits }),
    secrets: () => [
      keys.privateKey.replace(/-----[^-]+-----|\s/g, "").slice(0, 64),
      ...server.requests.flatMap(({ headers: { authorization } }) =>
        authorization === undefined ? [] : [authorization.replace("Bearer ", "")],
      ),
    ],
    close: () => server.close(),
  };
}
