/** "I am done with this location": takes it out of the view. Nothing that is stored is touched. */
import { type Command, placeOf } from "./command.ts";

export const removeLocation: Command = async ({ buckets }, target) => {
  const location = placeOf(target)?.location;
  if (location !== undefined) {
    await buckets.remove(location);
  }
};
