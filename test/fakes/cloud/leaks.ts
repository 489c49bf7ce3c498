/** Looks for credentials in requests that should have none. */
import type { SeenRequest } from "./service.ts";

const credentialHeaders = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-amz-security-token",
  "x-amz-date",
  "x-amz-content-sha256",
  "x-goog-user-project",
  "x-amz-request-payer",
];
const credentialQueries = /[?&](?:X-(?:Amz|Goog)-[^=]+|access_token|token|key|userProject|upload_id)=/i;

/** What a request gives away: names of headers, "a signed query", "a secret". Empty = nothing. */
export function findLeaks({ headers, path }: SeenRequest, secrets: readonly string[]): readonly string[] {
  const text = JSON.stringify([path, headers]);
  return [
    ...credentialHeaders.filter((name) => headers[name] !== undefined),
    ...(credentialQueries.test(path) ? ["a signed query"] : []),
    ...(holdsSecret(text, secrets) ? ["a secret"] : []),
  ];
}

/** Does a text hold one of the secrets, as it is, percent-encoded or in base64? */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => {
    const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1);
    return [secret, encodeURIComponent(secret), base64].some((form) => text.includes(form));
  });
}
