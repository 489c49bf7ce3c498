/**
 * Clients of google-auth-library, one for each form of credential: service accounts, signed-in users, identities of other providers, impersonated
 * accounts, and what this machine itself has (default credentials, the metadata service of Google's machines). The library is loaded on first need.
 */
import type { AuthClient, GoogleAuth } from "google-auth-library";
import { PermissionDeniedError } from "../../errors.ts";
import type { TokenWire } from "./tokenWire.ts";

/** Gives tokens. */
export interface TokenClient {
  /** A token that is not known yet to be used up, and when it will be, in ms since 1970. */
  getToken(): Promise<{ readonly token: string; readonly expiresMs: number | undefined }>;
  /** The account's address, where it is known without asking. */
  readonly email: string | undefined;
  /** The account's address. May ask for it. */
  getEmail(): Promise<string | undefined>;
}

/** A JSON of credentials. */
export type GoogleJson = Readonly<Record<string, unknown>>;

/** A wire whose requests to the library's own token endpoint go to `tokenUri`. */
export type OpenWire = (tokenUri?: string) => TokenWire;

/** To read and write objects; not to change who may. */
const objectScope = "https://www.googleapis.com/auth/devstorage.read_write";
/** Identities that are exchanged for others are asked for the whole; what they may is decided where they are set up. */
const platformScope = "https://www.googleapis.com/auth/cloud-platform";

/** The client of a JSON. Throws PermissionDeniedError for one that the library cannot read. */
export async function openJsonClient(json: GoogleJson, openWire: OpenWire): Promise<TokenClient> {
  const { GoogleAuth: Auth } = await import("./authModule.ts");
  const auth = new Auth({ scopes: json.type === "service_account" ? [objectScope] : [platformScope] });
  const client = await createClient(json, auth, openWire);
  const email = emailOf(json);
  return clientOf(client, { email, getEmail: async () => email });
}

/** Loads what it takes to look for what this machine has. The search gives what makes a client of it; `undefined` = there is nothing. */
export async function prepareChain(
  openWire: OpenWire,
): Promise<() => Promise<(() => Promise<TokenClient>) | undefined>> {
  const library = await import("./authModule.ts");
  return () => findChain(library, openWire);
}

async function findChain(
  { Compute, GoogleAuth: Auth }: typeof import("./authModule.ts"),
  openWire: OpenWire,
): Promise<(() => Promise<TokenClient>) | undefined> {
  const auth = new Auth({ scopes: [platformScope] });
  try {
    await auth.getClient();
  } catch (error) {
    if (error instanceof Error && /Could not load the default credentials/.test(error.message)) {
      return undefined;
    }
    throw new PermissionDeniedError("the default Google credentials of this machine cannot be used", {
      hint: "check the file that GOOGLE_APPLICATION_CREDENTIALS names, or sign in again (gcloud auth application-default login)",
    });
  }
  const { jsonContent: json } = auth;
  if (json !== null) {
    return () => openJsonClient({ ...json }, openWire);
  }
  const getEmail = async (): Promise<string | undefined> => (await auth.getCredentials()).client_email;
  return async () => clientOf(new Compute({ scopes: [platformScope] }), { email: undefined, getEmail });
}

async function createClient(json: GoogleJson, auth: GoogleAuth, openWire: OpenWire): Promise<AuthClient> {
  const { Impersonated } = await import("./authModule.ts");
  const transporter = openWire(typeof json.token_uri === "string" ? json.token_uri : undefined);
  try {
    if (json.type !== "impersonated_service_account") {
      return auth.fromJSON({ ...json }, { transporter });
    }
    const { source_credentials: source, service_account_impersonation_url: text, delegates } = json;
    const url = new URL(String(text));
    const [, targetPrincipal = ""] = /\/([^/]+):generateAccessToken$/.exec(url.pathname) ?? [];
    return new Impersonated({
      sourceClient: await createClient(source as GoogleJson, auth, openWire), // checked by fromJSON
      targetPrincipal,
      targetScopes: [objectScope],
      delegates: Array.isArray(delegates) ? delegates.map(String) : [],
      endpoint: url.origin,
    });
  } catch (error) {
    throw new PermissionDeniedError(
      `the credential is not one that Google's services take: type "${String(json.type).slice(0, 60)}"`,
      { hint: "use the key file of a service account, or sign in with gcloud auth application-default login" },
      { cause: error instanceof Error ? error.name : undefined },
    );
  }
}

function clientOf(client: AuthClient, account: Pick<TokenClient, "email" | "getEmail">): TokenClient {
  return {
    async getToken() {
      const { token } = await client.getAccessToken();
      if (typeof token !== "string" || token === "") {
        throw new PermissionDeniedError("the sign-in service gives no token", { hint: "sign in again" });
      }
      return { token, expiresMs: client.credentials.expiry_date ?? undefined };
    },
    ...account,
  };
}

/** The address of the account in a JSON, where it names one. */
export function emailOf(json: GoogleJson): string | undefined {
  const { client_email: email, service_account_impersonation_url: impersonated } = json;
  const [, principal] = /\/([^/]+):generateAccessToken$/.exec(String(impersonated)) ?? [];
  return typeof email === "string" ? email : principal && decodeURIComponent(principal);
}
