/** "What went wrong?": shows the extension's log. */
import type { Command } from "./command.ts";

export const showLog: Command = ({ ctx }) => ctx.log.show();
