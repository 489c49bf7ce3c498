/** "Somebody else wrote there": lists a folder again, or the whole tree; what is expanded stays expanded. */
import { type Command, placeOf } from "./command.ts";

export const refresh: Command = ({ buckets }, target) => buckets.refresh(placeOf(target));
