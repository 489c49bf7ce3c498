/** The SDK's client of one store: loaded on first use, made anew when the region changes. */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { Cancellable } from "../../base/abort.ts";
import type { BucketAccess } from "./access.ts";
import type { ChainClient } from "./keyChain.ts";
import type { SdkHandler } from "./sdkHandler.ts";

/** The SDK's module. */
export type Sdk = typeof import("@aws-sdk/client-s3");

/** What a task of the SDK works with. */
export interface SdkSession {
  readonly sdk: Sdk;
  /** The client for the region as it is known. */
  readonly client: S3Client;
  /** Of every request: who pays. */
  readonly payer: { readonly RequestPayer?: "requester" };
}

export interface SdkClients {
  /** A task of commands, again after each correction of region, session or payer. */
  run<T>(task: (session: SdkSession) => Promise<T>, options: Cancellable): Promise<T>;
  dispose(): void;
}

/** Loads the SDK, which takes a while. Its advice on Node's version is for those who install it, not for those who use it through us. */
export async function loadSdk(): Promise<Sdk> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return (await import("./sdkModule.ts")).sdk;
}

/** A client whose only use is to look for credentials. */
export async function openChainClient(): Promise<ChainClient> {
  const { S3Client: Client } = await loadSdk();
  const { config } = new Client({});
  return {
    config: {
      credentials: async () => config.credentials(),
      region: async () => config.region(),
    },
  };
}

/** Clients whose requests go through a handler of ours. */
export function createSdkClients(access: BucketAccess, openHandler: () => SdkHandler): SdkClients {
  let current: { readonly revision: string; readonly client: S3Client } | undefined;
  const open = (sdk: Sdk): S3Client => {
    const { revision } = access;
    if (current?.revision !== revision) {
      current?.client.destroy();
      current = { revision, client: new sdk.S3Client(configOf(access, openHandler())) };
    }
    return current.client;
  };
  return {
    run: (task, options) =>
      access.run(async () => {
        const sdk = await loadSdk();
        return task({ sdk, client: open(sdk), payer: access.isPaying ? { RequestPayer: "requester" } : {} });
      }, options),
    dispose() {
      current?.client.destroy();
      current = undefined;
    },
  };
}

function configOf(access: BucketAccess, handler: SdkHandler): S3ClientConfig {
  return {
    region: access.region,
    endpoint: access.endpoint,
    forcePathStyle: !access.isVirtualHosted,
    maxAttempts: 1, // the handler repeats
    requestHandler: handler,
    followRegionRedirects: false,
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    useArnRegion: false,
    expectContinueHeader: false,
    ...credentialsOf(access),
  };
}

/** Anonymous requests are not signed; the client wants to be given keys all the same. */
function credentialsOf(access: BucketAccess): Pick<S3ClientConfig, "credentials" | "signer"> {
  const none = { accessKeyId: "", secretAccessKey: "" };
  return {
    credentials: async () => (await access.keys({})) ?? none,
    ...(access.knownIdentity?.kind === "anonymous" && { signer: { sign: async (request) => request } }),
  };
}
