/** What came of work on many objects, in one sentence. */
import type { ObjectCount, ObjectsOutcome } from "../../../schemas/protocol/objects.ts";
import type { Translate } from "../base/l10n.ts";
import { bytesText } from "../explorer/format.ts";

/** `1,234 objects, 5.6 GB`, with "more than" where not all were counted. */
export function countText({ objects, bytes, isLowerBound }: ObjectCount, t: Translate): string {
  const count = objects.toLocaleString("en-US");
  const text = objects === 1 ? t("1 object, {0}", bytesText(bytes)) : t("{0} objects, {1}", count, bytesText(bytes));
  return isLowerBound ? t("more than {0}", text) : text;
}

/** `3 objects, 12 kB; 1 was there already; 2 failed: gs://b/x: access is denied`. */
export function outcomeText({ objects, bytes, failed, failures, existing }: ObjectsOutcome, t: Translate): string {
  // A disk lists no sizes: what was deleted there is only counted.
  const parts = [bytes === 0 ? objectsText(objects, t) : countText({ objects, bytes, isLowerBound: false }, t)];
  if (existing > 0) {
    parts.push(
      existing === 1 ? t("1 was there already and is kept") : t("{0} were there already and are kept", existing),
    );
  }
  const [first] = failures;
  if (failed > 0) {
    parts.push(
      first === undefined ? t("{0} failed", failed) : t("{0} failed: {1}: {2}", failed, first.location, first.message),
    );
  }
  return parts.join("; ");
}

function objectsText(objects: number, t: Translate): string {
  return objects === 1 ? t("1 object") : t("{0} objects", objects.toLocaleString("en-US"));
}
