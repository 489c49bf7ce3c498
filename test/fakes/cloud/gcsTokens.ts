/** Who asks the fake Google: bearer tokens that expire, the endpoints that give them, and an instance's metadata server. */
import { createPublicKey, randomUUID, verify } from "node:crypto";
import { type GcsAccount, type GcsCaller, GcsRefusal, jsonReply } from "./gcsState.ts";
import { headerOf, type ServiceReply, type ServiceRequest } from "./service.ts";

export interface GcsTokens {
  /** A token for an account; default an hour. */
  issue(email: string, seconds?: number): string;
  /** Ends every token given so far. */
  expireAll(): void;
  /** The caller of a request. Throws GcsRefusal (401) for a token that is unknown or over. */
  callerOf(request: ServiceRequest): GcsCaller;
  /** Answers the token endpoint and the metadata server; `undefined` for other paths. */
  answer(request: ServiceRequest): ServiceReply | undefined;
}

interface Held {
  readonly account: GcsAccount;
  readonly untilMs: number;
}

export interface GcsTokensOptions {
  readonly accounts: readonly GcsAccount[];
  /** Of a token from an endpoint. */
  readonly tokenSeconds: number;
  /** ms since 1970. */
  now(): number;
}

const longestAssertionSeconds = 3600;
const skewSeconds = 300;
const googleTokenUrls = ["https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"];

export function createGcsTokens({ accounts, tokenSeconds, now }: GcsTokensOptions): GcsTokens {
  const held = new Map<string, Held>();
  const issue = (account: GcsAccount, seconds: number): string => {
    const token = `fake.${randomUUID()}`;
    held.set(token, { account, untilMs: now() + seconds * 1000 });
    return token;
  };
  const grant = (account: GcsAccount): ServiceReply =>
    jsonReply({ access_token: issue(account, tokenSeconds), expires_in: tokenSeconds, token_type: "Bearer" });

  return {
    issue(email, seconds = 3600) {
      const account = accounts.find((candidate) => candidate.email === email);
      if (account === undefined) {
        throw new Error(`the fake Google has no such account: "${email}"`);
      }
      return issue(account, seconds);
    },
    expireAll: () => held.clear(),
    callerOf(request) {
      const header = headerOf(request, "authorization");
      if (header === undefined) {
        return "anonymous";
      }
      const found = held.get(/^Bearer (.+)$/.exec(header)?.[1] ?? "");
      if (found === undefined || now() >= found.untilMs) {
        const headers = { "www-authenticate": 'Bearer realm="https://accounts.google.com/", error=invalid_token' };
        throw new GcsRefusal({
          status: 401,
          reason: "authError",
          xmlCode: "AuthenticationRequired",
          message: "Invalid Credentials",
          headers,
        });
      }
      return found.account;
    },
    answer(request) {
      if (request.rawPath === "/token") {
        return request.method === "POST" ? answerToken(request, { accounts, now, grant }) : { status: 405 };
      }
      return request.rawPath.startsWith("/computeMetadata/") ? answerInstance(request, accounts, grant) : undefined;
    },
  };
}

interface TokenScene {
  readonly accounts: readonly GcsAccount[];
  now(): number;
  grant(account: GcsAccount): ServiceReply;
}

function answerToken(request: ServiceRequest, { accounts, now, grant }: TokenScene): ServiceReply {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  switch (form.get("grant_type")) {
    case "refresh_token": {
      const account = accounts.find(
        ({ refresh }) => refresh !== undefined && refresh.token === form.get("refresh_token"),
      );
      if (account?.refresh === undefined) {
        return oauthError(400, "invalid_grant", "Token has been expired or revoked.");
      }
      const { clientId, clientSecret } = account.refresh;
      const isClient = form.get("client_id") === clientId && form.get("client_secret") === clientSecret;
      return isClient ? grant(account) : oauthError(401, "invalid_client", "The OAuth client was not found.");
    }
    case "urn:ietf:params:oauth:grant-type:jwt-bearer": {
      const found = readAssertion(
        form.get("assertion") ?? "",
        [...googleTokenUrls, `http://${headerOf(request, "host")}/token`],
        accounts,
        now(),
      );
      return typeof found === "string" ? oauthError(400, "invalid_grant", found) : grant(found);
    }
    default:
      return oauthError(400, "unsupported_grant_type", "Invalid grant_type");
  }
}

/** The account that signed an assertion (JWT, RS256); else what is wrong with it. */
function readAssertion(
  text: string,
  audiences: readonly string[],
  accounts: readonly GcsAccount[],
  nowMs: number,
): GcsAccount | string {
  const [head = "", claims = "", signature = ""] = text.split(".");
  const { alg } = fromBase64Json(head);
  const { iss, aud, exp, iat, scope } = fromBase64Json(claims);
  const account = accounts.find(({ email }) => email === iss);
  if (account?.publicKey === undefined) {
    return "Invalid grant: account not found";
  }
  const key = createPublicKey(account.publicKey);
  const isSigned = verify("RSA-SHA256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"));
  if (alg !== "RS256" || !isSigned) {
    return "Invalid JWT Signature.";
  }
  const isTimely =
    typeof exp === "number" &&
    typeof iat === "number" &&
    exp * 1000 > nowMs &&
    iat * 1000 <= nowMs + skewSeconds * 1000 &&
    exp - iat <= longestAssertionSeconds;
  if (!isTimely) {
    return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
  }
  return audiences.includes(String(aud)) && typeof scope === "string" && scope !== ""
    ? account
    : "Invalid JWT: bad audience or scope.";
}

function fromBase64Json(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function oauthError(status: number, error: string, description: string): ServiceReply {
  return jsonReply({ error, error_description: description }, { status });
}

function answerInstance(
  request: ServiceRequest,
  accounts: readonly GcsAccount[],
  grant: TokenScene["grant"],
): ServiceReply {
  const account = accounts.find(({ isInstance }) => isInstance === true);
  const headers = { "metadata-flavor": "Google" };
  if (account === undefined) {
    return { status: 404 };
  }
  if (headerOf(request, "metadata-flavor") !== "Google") {
    return { status: 403, body: "Missing Metadata-Flavor:Google header." };
  }
  const path = request.rawPath.replace(/^\/computeMetadata\/v1\/|\/$/g, "").replace(`/${account.email}/`, "/default/");
  switch (path) {
    case "instance/service-accounts/default/token": {
      const reply = grant(account);
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
    case "instance/service-accounts/default/email":
      return { status: 200, headers, body: account.email };
    case "instance":
      return { status: 200, headers, body: "service-accounts/\n" };
    case "project/project-id":
      return { status: 200, headers, body: account.projects?.[0] ?? "fake-project" };
    case "universe/universe-domain":
      return { status: 200, headers, body: "googleapis.com" };
    default:
      return { status: 404, headers };
  }
}
