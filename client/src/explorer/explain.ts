/** Failures in words for the tree: what happened, and what to do about it. */
import type { WireError } from "../../../schemas/errors.ts";
import type { Translate } from "../base/l10n.ts";
import { isServerGone } from "../server/serverError.ts";

/** A failure as a person reads it. */
export interface Explanation {
  /** A few words, for the row. */
  readonly title: string;
  /** What to do next. */
  readonly advice: string;
  /** What the row does when it is chosen. */
  readonly action: "retry" | "restartServer" | "showLog";
}

/** Words for `error`, which happened while something was listed or read. */
export function explain(error: WireError, t: Translate): Explanation {
  if (isServerGone(error)) {
    return {
      title: t("The server does not run"),
      advice: t("Choose this row to start it again, or see the log for the reason."),
      action: "restartServer",
    };
  }
  const retry = (title: string, advice: string): Explanation => ({ title, advice, action: "retry" });
  switch (error.tag) {
    case "not_found":
      return retry(t("Nothing is stored here"), t("Check the spelling of the location, or remove it."));
    case "permission_denied":
      return retry(t("Access is denied"), t("The storage asks for rights that this connection does not have."));
    case "unreachable":
      return retry(t("The storage cannot be reached"), t("Check the network and the host name, then try again."));
    case "invalid_location":
      return retry(t("This is not a location"), t("Remove it and add it again in one of the accepted forms."));
    case "invalid_metadata":
      return retry(t("The info cannot be used"), t('Use "Open Info" to see the problem and mend it.'));
    case "unsupported":
      return retry(t("This is not supported"), t("The message says what is missing."));
    case "too_large":
      return retry(t("This is too large"), t("The message says which limit was met."));
    case "cancelled":
      return retry(t("Cancelled"), t("Choose this row to try again."));
    default:
      return {
        title: t("Something went wrong"),
        advice: t("The log has the details."),
        action: error.tag === "internal" ? "showLog" : "retry",
      };
  }
}
