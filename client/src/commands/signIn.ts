/** "I have rights there": keeps a credential for a service, or one bucket of it, in VS Code's secret storage. */
import * as vscode from "vscode";
import { describePlace, type HeldCredentialMessage, type PlaceDescription } from "../../../schemas/protocol/storage.ts";
import { readCredentialFile } from "../credentials/secretFiles.ts";
import { askLocation } from "./askLocation.ts";
import { branchAbove, type Command, type CommandServices, placeOf } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";

type Credential = HeldCredentialMessage["credential"];
type Entered = Pick<HeldCredentialMessage, "credential" | "identity">;

/** Larger than any file with a credential. */
const maxFileBytes = 1 << 20;

export const signIn: Command = (services, target) => keep(services, target, enter);

/** "My rights are in this file": the same from a file, whose content is kept. */
export const useCredentialFile: Command = (services, target) => keep(services, target, readFile);

/** "Do not use it any more": forgets what was entered for a location's service. */
export const forgetCredentials: Command = async (services, target) => {
  const place = await placeToSignIn(services, target, vscode.l10n.t("Forget"));
  if (place?.origin === undefined) {
    return;
  }
  const { origin, bucket } = place;
  const isForgotten = await services.ctx.credentials.forget({ origin, bucket });
  services.buckets.refresh();
  vscode.window.setStatusBarMessage(
    isForgotten
      ? vscode.l10n.t("What was entered for {0} is forgotten", origin)
      : vscode.l10n.t("Nothing was entered for {0}", origin),
    5_000,
  );
};

async function keep(
  services: CommandServices,
  target: unknown,
  ask: (place: PlaceDescription) => Promise<Entered | undefined>,
): Promise<void> {
  try {
    const place = await placeToSignIn(services, target, vscode.l10n.t("Sign In"));
    if (place?.origin === undefined) {
      return;
    }
    const scope = await askScope(place.origin, place.bucket);
    const entered = scope === undefined ? undefined : await ask(place);
    if (scope !== undefined && entered !== undefined) {
      await services.ctx.credentials.keep({ ...scope, ...entered });
      services.buckets.refresh();
    }
  } catch (error) {
    await reportFailure(vscode.l10n.t("The sign-in failed"), error);
  }
}

/** The place of a row, or one that is asked for. Says so where nobody is asked who they are. */
async function placeToSignIn(
  { ctx, buckets }: CommandServices,
  target: unknown,
  title: string,
): Promise<PlaceDescription | undefined> {
  const row = placeOf(target) ?? branchAbove(target) ?? placeOf(buckets.selected);
  const location = row?.location ?? (await askLocation(ctx, title));
  if (location === undefined) {
    return undefined;
  }
  const place = await ctx.server.request(describePlace, { text: location });
  if (place.origin === undefined) {
    await vscode.window.showInformationMessage(vscode.l10n.t("Nobody is asked who they are there."));
  }
  return place;
}

interface Scope {
  readonly origin: string;
  readonly bucket?: string;
}

async function askScope(origin: string, bucket: string | undefined): Promise<Scope | undefined> {
  if (bucket === undefined) {
    return { origin };
  }
  const t = vscode.l10n.t;
  const items = [
    { label: t("Only the bucket {0}", bucket), scope: { origin, bucket } },
    { label: t("Every bucket of {0}", origin), scope: { origin } },
  ];
  return (await vscode.window.showQuickPick(items, { title: t("Use the Credential For") }))?.scope;
}

async function enter(place: PlaceDescription): Promise<Entered | undefined> {
  const credential = await enterCredential(place.scheme);
  return credential && { credential, identity: { kind: "signed in", ...publicName(credential) } };
}

function enterCredential(scheme: string): Promise<Credential | undefined> {
  return scheme === "s3" ? enterKeys() : scheme === "gs" ? enterToken() : enterWeb();
}

async function enterKeys(): Promise<Credential | undefined> {
  const accessKeyId = await ask(vscode.l10n.t("Access Key Id"), false);
  const secretAccessKey = accessKeyId && (await ask(vscode.l10n.t("Secret Access Key"), true));
  return accessKeyId && secretAccessKey ? { kind: "aws", accessKeyId, secretAccessKey } : undefined;
}

async function enterToken(): Promise<Credential | undefined> {
  const token = await ask(vscode.l10n.t("Access Token"), true);
  return token === undefined ? undefined : { kind: "bearer", token };
}

async function enterWeb(): Promise<Credential | undefined> {
  const t = vscode.l10n.t;
  const kinds = [
    { label: t("Token"), isToken: true },
    { label: t("User and Password"), isToken: false },
  ];
  const kind = await vscode.window.showQuickPick(kinds, { title: t("Sign In With") });
  if (kind === undefined || kind.isToken) {
    return kind && enterToken();
  }
  const user = await ask(t("User"), false);
  const password = user && (await ask(t("Password"), true));
  return user && password ? { kind: "basic", user, password } : undefined;
}

async function ask(title: string, isSecret: boolean): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({ title, password: isSecret, ignoreFocusOut: true });
  return text?.trim() || undefined;
}

/** A name that is no secret. */
function publicName(credential: Credential): { readonly name?: string } {
  switch (credential.kind) {
    case "aws":
      return { name: credential.accessKeyId };
    case "basic":
      return { name: credential.user };
    default:
      return {};
  }
}

async function readFile(): Promise<Entered | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Use Credential File"),
      openLabel: vscode.l10n.t("Use"),
    })) ?? [];
  if (uri === undefined) {
    return undefined;
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  const text = size > maxFileBytes ? "" : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const found = readCredentialFile(text);
  if (found === undefined) {
    throw new Error(vscode.l10n.t("no credential that is known was found in the file"));
  }
  return { credential: found.credential, identity: { kind: "signed in", name: found.name } };
}
