/**
 * Names that are one file here, though they are two objects elsewhere: a local file says its compression by its suffix, so that `x.gz` may be an
 * object of that name or the object `x`, compressed. Writing `x` takes `x.gz` away; what one operation writes must not go that way.
 */
import { ConflictError } from "../errors.ts";
import { addressOfPlace, localPathOf, type Place } from "./place.ts";

export interface LocalNames {
  /** Notes a target before it is written. Throws ConflictError where writing it, or another one, would take one of the two away. */
  enter(target: Place): void;
  /** The target is written, or given up. */
  leave(target: Place): void;
}

/** For the targets of one operation. Remembers those with a suffix, and those that are being written. */
export function createLocalNames(suffixes: readonly string[]): LocalNames {
  const suffixed = new Set<string>();
  const inFlight = new Set<string>();
  return {
    enter(target) {
      const path = localPathOf(target);
      if (path === undefined) {
        return;
      }
      const suffix = suffixes.find((text) => path.endsWith(text));
      const stem = suffix === undefined ? undefined : path.slice(0, -suffix.length);
      const isTwin = suffixes.some((text) => suffixed.has(path + text));
      if (isTwin || (stem !== undefined && inFlight.has(stem))) {
        throw new ConflictError(`two objects would become one file: ${addressOfPlace(target)}`, {
          location: addressOfPlace(target),
          hint: `a name that ends in ${suffix ?? suffixes.join(" or ")} means the compressed form of the name without; copy them to different folders`,
        });
      }
      if (stem !== undefined) {
        suffixed.add(path);
      }
      inFlight.add(path);
    },
    leave(target) {
      inFlight.delete(localPathOf(target) ?? "");
    },
  };
}
