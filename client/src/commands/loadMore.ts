/** "There is more": brings the next page of a long folder. */
import { branchAbove, type Command } from "./command.ts";

export const loadMore: Command = async (_services, target) => {
  await branchAbove(target)?.loadMore();
};
