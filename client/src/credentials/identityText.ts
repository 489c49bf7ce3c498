/** Who asks, in words. */
import type { PlaceIdentity } from "../../../schemas/protocol/storage.ts";
import type { Translate } from "../base/l10n.ts";

/** `anonymous`, `google-secret.json (file)`, `me@host (signed in)`. */
export function identityText({ kind, name }: PlaceIdentity, t: Translate): string {
  const kinds: Readonly<Record<PlaceIdentity["kind"], string>> = {
    anonymous: t("anonymous"),
    file: t("file"),
    environment: t("environment"),
    chain: t("default credentials"),
    "signed in": t("signed in"),
    option: t("option"),
  };
  return name === undefined || kind === "anonymous" ? kinds[kind] : `${name} (${kinds[kind]})`;
}
