import { isVolumeError } from "../../server/src/errors.ts";

/** The tag of what a promise rejects with. */
export async function tagOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return isVolumeError(error) ? error.tag : `not ours: ${String(error)}`;
  }
  return "no error";
}
