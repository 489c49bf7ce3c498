/** The log as the protocol's trace sees it: everything but the message with the credentials. */
import type * as vscode from "vscode";
import { useCredentials } from "../../../schemas/protocol/storage.ts";

/** The same channel; a trace of the credentials says only that they were sent. */
export function createTraceChannel(log: vscode.LogOutputChannel): vscode.LogOutputChannel {
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === "trace") {
        return (message: string) => target.trace(withoutCredentials(message));
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A trace is one text for each message: its method, then its parameters. */
function withoutCredentials(message: string): string {
  return message.includes(useCredentials.method)
    ? `Sending notification '${useCredentials.method}' (not shown).`
    : message;
}
