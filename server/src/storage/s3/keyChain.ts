/** Keys that the SDK's own chain finds: environment, profiles, single sign-on, processes, web identities, roles of containers and machines. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { CancelledError, PermissionDeniedError } from "../../errors.ts";
import { abortable } from "./abortable.ts";

/** An access key. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface KeyChain {
  /** `undefined` = the chain finds nothing: anonymous. Throws PermissionDeniedError where a profile is there and cannot be used. */
  keys(options: Cancellable): Promise<AwsKeys | undefined>;
  /** The profile's region, if it has one. */
  region(): Promise<string | undefined>;
  /** What was found is used up: look again. */
  forget(): void;
}

/** A client of the SDK, as far as the chain goes. */
export interface ChainClient {
  readonly config: {
    credentials(): Promise<AwsKeys>;
    region(): Promise<string>;
  };
}

/** Looks by the chain of `open`'s clients, which renew sessions by themselves before they end. */
export function createKeyChain(open: () => Promise<ChainClient>): KeyChain {
  let client: Promise<ChainClient> | undefined;
  let isEmpty = false;
  const getClient = (): Promise<ChainClient> => {
    client ??= open().catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  };
  return {
    async keys({ signal }) {
      throwIfAborted(signal);
      if (isEmpty) {
        return undefined;
      }
      const search = getClient().then(({ config }) => config.credentials());
      try {
        return await abortable(search, { signal });
      } catch (error) {
        if (error instanceof CancelledError) {
          throw error;
        }
        client = undefined;
        isEmpty = isNothingFound(error);
        if (isEmpty) {
          return undefined;
        }
        throw chainError(error);
      }
    },
    async region() {
      const { config } = await getClient();
      return config.region().catch(() => undefined); // the SDK's way to say that no region is set
    },
    forget() {
      client = undefined;
      isEmpty = false;
    },
  };
}

/** The end of the chain was reached; anything else is a source that is there and fails. */
function isNothingFound(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "CredentialsProviderError" &&
    /from any providers|No credentials/i.test(error.message)
  );
}

function chainError(error: unknown): PermissionDeniedError {
  const name = error instanceof Error ? error.name : "unknown error";
  return new PermissionDeniedError(`the AWS credentials of this machine cannot be used (${name})`, {
    hint: "sign in again (aws sso login), or choose another AWS_PROFILE",
  });
}
