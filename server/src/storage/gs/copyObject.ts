/** Copies inside the service: `rewriteTo`, repeated with its token until the copy is whole. */
import type { Cancellable } from "../../base/abort.ts";
import { PermissionDeniedError, UnreachableError } from "../../errors.ts";
import type { PutOptions } from "../store.ts";
import { type Api, jsonBody, jsonOf } from "./api.ts";
import { objectPath, withQuery } from "./place.ts";
import { preconditionOf } from "./writeObjects.ts";

export interface CopyOptions extends Cancellable {
  readonly api: Api;
  readonly from: { readonly bucket: string; readonly name: string };
  readonly to: { readonly bucket: string; readonly name: string };
  readonly onlyIf?: PutOptions["onlyIf"];
}

/**
 * Copies an object with its type, encoding and cache control. False where the account of the target may not: another one may read the source.
 * Throws NotFoundError where the source is absent, ConflictError where the condition does not hold.
 */
export async function copyObject({ api, from, to, onlyIf, signal }: CopyOptions): Promise<boolean> {
  const path = `${objectPath(from.bucket, from.name)}/rewriteTo${objectPath(to.bucket, to.name).replace(/^\/storage\/v1/, "")}`;
  const ifGenerationMatch = preconditionOf(onlyIf);
  let rewriteToken: string | undefined;
  try {
    do {
      const request = {
        method: "POST",
        path: withQuery(path, { ifGenerationMatch, rewriteToken, fields: "done,rewriteToken" }),
        headers: { "content-type": "application/json" },
        body: jsonBody({}), // empty: the copy keeps what the source says of itself
      } as const;
      const { done, rewriteToken: next } = await api.run(async (send) => jsonOf(await send(request)), { signal });
      if (done !== true && (typeof next !== "string" || next === "")) {
        throw new UnreachableError("the service does not say how its copy goes on");
      }
      rewriteToken = done === true ? undefined : String(next);
    } while (rewriteToken !== undefined);
    return true;
  } catch (error) {
    if (error instanceof PermissionDeniedError) {
      return false;
    }
    throw error;
  }
}
