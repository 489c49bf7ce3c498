/** What a person can do about a failure. */
import type { ErrorTag } from "../../../schemas/errors.ts";

const hints: Readonly<Record<ErrorTag, string>> = {
  not_found: "Check the location; if the data was moved, remove the layer and add it again.",
  permission_denied: "Ask the owner for access, or sign in with an account that has it.",
  unreachable: "Check the network and whether the host is up, then retry.",
  invalid_location: "Remove the layer and add it again with a location that is spelled right.",
  invalid_argument: "Remove the layer and add it again.",
  invalid_metadata: "Open its info file: the problems are marked there.",
  invalid_chunk: "The stored chunk is damaged; write it again from its source.",
  out_of_bounds: "Press Home to go back to the volume.",
  unaligned_write: "Retry.",
  read_only: "Retry.",
  conflict: "Somebody else changed it; retry.",
  unsupported: "This kind of volume cannot be shown yet.",
  too_large: "Choose a coarser resolution.",
  cancelled: "Retry.",
  internal: "Retry; if it stays, the log of the language server says more.",
};

/** One sentence for an error's tag. */
export function hintFor(tag: ErrorTag): string {
  return hints[tag];
}
