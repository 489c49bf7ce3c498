/** Who asks a web server: a token of CAVE, or a user with a password, looked for once for each store. */
import { PermissionDeniedError } from "../../errors.ts";
import type { CredentialScope, FindCredential, FoundCredential, Identity } from "../credential.ts";
import type { Location } from "../location.ts";
import type { StoreOptions } from "../store.ts";
import type { ObjectReaderOptions, Refusal } from "../web/objectReader.ts";
import type { Authorize } from "../web/redirects.ts";

export interface Login {
  readonly authorize: Authorize;
  readonly explain: NonNullable<ObjectReaderOptions["explain"]>;
  identity(): Promise<Identity>;
}

/** Nothing is looked for before the first request. A search that failed is made anew. */
export function createLogin(location: Location, { credentials }: StoreOptions, find: FindCredential): Login {
  const isMiddleauth = location.scheme === "middleauth+https";
  const origin = `${location.scheme.replace(/^.*\+/, "")}://${location.authority}`;
  const scope: CredentialScope = { service: isMiddleauth ? "cave" : "http", origin };
  let search: Promise<FoundCredential> | undefined;
  const found = (): Promise<FoundCredential> => {
    search ??= find(scope, credentials, {}).catch((error: unknown) => {
      search = undefined;
      throw error;
    });
    return search;
  };
  return {
    authorize: async () => headersOf((await found()).credential),
    explain: (refusal) => explain(refusal, { location, isMiddleauth }),
    identity: async () => (await found()).identity,
  };
}

function headersOf(credential: FoundCredential["credential"]): Readonly<Record<string, string>> {
  switch (credential.kind) {
    case "bearer":
      return { authorization: `Bearer ${credential.token}` };
    case "basic":
      return {
        authorization: `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString("base64")}`,
      };
    default:
      return {};
  }
}

/** A 401 says what is missing; a 403 of CAVE that the account has no right. */
function explain(
  { status, key }: Refusal,
  { location, isMiddleauth }: { readonly location: Location; readonly isMiddleauth: boolean },
): PermissionDeniedError | undefined {
  if (status !== 401 && !(isMiddleauth && status === 403)) {
    return undefined;
  }
  const host = location.authority.replace(/:\d+$/, "");
  const file = isMiddleauth ? `${host}-cave-secret.json` : `${host}-http-secret.json`;
  const hint =
    status === 403
      ? "the account of your token has no right to this; ask whoever administers the data"
      : `sign in, or put a secret into ~/.cloudvolume/secrets/${file}`;
  return new PermissionDeniedError(`the server denies access (HTTP ${status})`, { location: location.text, key, hint });
}
