import { describe, expect, it } from "vitest";
import { untranslated } from "../../../../client/src/base/l10n.ts";
import { createHeldCredentials } from "../../../../client/src/credentials/heldCredentials.ts";
import { identityText } from "../../../../client/src/credentials/identityText.ts";
import { readCredentialFile } from "../../../../client/src/credentials/secretFiles.ts";
import type { HeldCredentialMessage } from "../../../../schemas/protocol/storage.ts";

const held = (token: string, origin: string, bucket?: string): HeldCredentialMessage => ({
  origin,
  ...(bucket === undefined ? {} : { bucket }),
  credential: { kind: "bearer", token },
  identity: { kind: "signed in" },
});

function bench(stored?: string) {
  const secrets = new Map<string, string>(stored === undefined ? [] : [["cloudvolume.credentials", stored]]);
  const told: (readonly HeldCredentialMessage[])[] = [];
  const credentials = createHeldCredentials(
    {
      get: async (key) => secrets.get(key),
      store: async (key, value) => void secrets.set(key, value),
      delete: async (key) => void secrets.delete(key),
    },
    (all) => told.push(all),
  );
  return { credentials, secrets, told };
}

describe("held credentials", () => {
  it("are one for each origin and bucket, and the server is told all of them", async () => {
    const { credentials, told } = bench();
    await credentials.keep(held("a", "https://x"));
    await credentials.keep(held("b", "https://x", "bucket"));
    await credentials.keep(held("c", "https://x"));
    expect(await credentials.read()).toEqual([held("b", "https://x", "bucket"), held("c", "https://x")]);
    expect(told.map((all) => all.length)).toEqual([1, 2, 2]);
  });

  it("are forgotten for a bucket together with what held for its whole origin, and for nobody else", async () => {
    const { credentials, secrets } = bench();
    await credentials.keep(held("a", "https://x"));
    await credentials.keep(held("b", "https://x", "one"));
    await credentials.keep(held("c", "https://x", "two"));
    await credentials.keep(held("d", "https://y"));
    expect(await credentials.forget({ origin: "https://x", bucket: "one" })).toBe(true);
    expect(await credentials.read()).toEqual([held("c", "https://x", "two"), held("d", "https://y")]);
    expect(await credentials.forget({ origin: "https://z" })).toBe(false);
    await credentials.forget({ origin: "https://x", bucket: "two" });
    await credentials.forget({ origin: "https://y" });
    expect(secrets.size).toBe(0);
  });

  it.each(["", "{", "5", '[{"origin":5}]', "null"])("that are damaged count as none: %s", async (stored) => {
    expect(await bench(stored).credentials.read()).toEqual([]);
  });
});

describe("a credential file", () => {
  it.each([
    [
      "of a service account",
      '{"type":"service_account","client_email":"me@project","private_key":"k"}',
      "google",
      "me@project",
    ],
    ["of a Google user", '{"type":"authorized_user","refresh_token":"r"}', "google", "authorized_user"],
    ["of CloudVolume for Amazon", '{"AWS_ACCESS_KEY_ID":"AKIA1","AWS_SECRET_ACCESS_KEY":"s"}', "aws", "AKIA1"],
    ["with a token", '{"token":"t"}', "bearer", "token"],
    ["with a user", '{"user":"u","password":"p"}', "basic", "u"],
  ])("%s is understood", (_title, text, kind, name) => {
    expect(readCredentialFile(text)).toMatchObject({ name, credential: { kind } });
  });

  it("with profiles gives the default one, with its region and session", () => {
    const text = [
      "[other]",
      "aws_access_key_id = AKIA9",
      "aws_secret_access_key = nine",
      "# a remark",
      "[default]",
      "aws_access_key_id=AKIA1",
      "aws_secret_access_key = one",
      "aws_session_token = session",
      "region = eu-west-1",
    ].join("\r\n");
    expect(readCredentialFile(text)?.credential).toEqual({
      kind: "aws",
      accessKeyId: "AKIA1",
      secretAccessKey: "one",
      sessionToken: "session",
      region: "eu-west-1",
    });
    expect(readCredentialFile(text.split("# a remark")[0] ?? "")?.name).toBe("AKIA9");
  });

  it.each(["", "hello", "[]", "null", "{}", '{"type":"service_account"}', "[default]\naws_access_key_id = x"])(
    "that holds none is refused: %j",
    (text) => {
      expect(readCredentialFile(text)).toBeUndefined();
    },
  );
});

describe("an identity", () => {
  it.each([
    [{ kind: "anonymous", name: "x" }, "anonymous"],
    [{ kind: "file", name: "google-secret.json" }, "google-secret.json (file)"],
    [{ kind: "chain" }, "default credentials"],
  ] as const)("%j reads %s", (identity, text) => {
    expect(identityText(identity, untranslated)).toBe(text);
  });
});
