/** "Try again": lists the folder whose listing failed once more. */
import { branchAbove, type Command } from "./command.ts";

export const retry: Command = ({ buckets }, target) => buckets.refresh(branchAbove(target));
