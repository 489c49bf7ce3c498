/** The search where nothing else is given: what somebody entered, then the SDK's own chain. */
import { throwIfAborted } from "../../base/abort.ts";
import type { FindCredential } from "./world.ts";

/** Held credentials, the bucket's before the origin's; else the chain. */
export const findHeld: FindCredential = async ({ origin, bucket }, sources, { signal }) => {
  throwIfAborted(signal);
  const ofOrigin = sources?.held?.filter((held) => held.origin === origin) ?? [];
  const held =
    ofOrigin.find((one) => one.bucket !== undefined && one.bucket === bucket) ??
    ofOrigin.find((one) => one.bucket === undefined);
  const kind = sources?.heldOnly === true ? "anonymous" : "chain";
  return held ?? { credential: { kind }, identity: { kind } };
};
