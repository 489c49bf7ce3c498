/** The facts of an object as rows for a person. */
import { type ObjectFacts, statObject } from "../../../schemas/protocol/objects.ts";
import type { Translate } from "../base/l10n.ts";
import { withoutQuery } from "../fileSystem/locationText.ts";
import type { RequestOptions, ServerLink } from "../server/link.ts";
import { toServerError } from "../server/serverError.ts";
import { bytesText, type Detail } from "./format.ts";

/** Asks for the facts; a failure is a row. */
export async function readDetails(
  { server, t }: { readonly server: Pick<ServerLink, "request">; readonly t: Translate },
  location: string,
  options: RequestOptions = {},
): Promise<readonly Detail[]> {
  const where: Detail = [t("Location"), withoutQuery(location)];
  try {
    return [...objectDetails(await server.request(statObject, { location }, options), t), where];
  } catch (error) {
    return [where, [t("Problem"), toServerError(error).wire.message]];
  }
}

/** Rows for what the storage says about an object; what it does not say is left out. */
export function objectDetails(facts: ObjectFacts, t: Translate): readonly Detail[] {
  const { sizeBytes, modifiedMs } = facts;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [t("Size"), sizeBytes === undefined ? undefined : `${bytesText(sizeBytes)} (${sizeBytes.toLocaleString("en-US")})`],
    [t("Type"), facts.contentType],
    [t("Encoding"), facts.encoding],
    [t("Cache control"), facts.cacheControl],
    [t("Modified"), modifiedMs === undefined ? undefined : new Date(modifiedMs).toISOString().replace(/\.\d+Z$/, "Z")],
    [t("Storage class"), facts.storageClass],
    [t("Version"), facts.version],
    [t("ETag"), facts.etag],
  ];
  return rows.filter((row): row is Detail => row[1] !== undefined);
}
