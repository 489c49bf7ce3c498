/** Names that a person gives to objects and folders. */
import type { Translate } from "../base/l10n.ts";

/** Why a text cannot be one part of a key; undefined when it can. */
export function nameProblem(text: string, t: Translate): string | undefined {
  if (text === "" || text.trim() !== text) {
    return t("A name is needed, without blanks at its ends");
  }
  if (/[/\\\p{Cc}]/u.test(text)) {
    return t("A name has no slashes and no control characters");
  }
  return text === "." || text === ".." ? t('"{0}" is no name', text) : undefined;
}
