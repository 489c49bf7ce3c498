/** "I come here often": shows a folder at the top of the view. */
import { type Command, placeOf } from "./command.ts";

export const pinFolder: Command = async ({ buckets }, target) => {
  const place = placeOf(target);
  if (place?.kind === "folder") {
    await buckets.add(place.location);
  }
};
