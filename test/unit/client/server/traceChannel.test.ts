import { expect, it } from "vitest";
import type { LogOutputChannel } from "vscode";
import { createTraceChannel } from "../../../../client/src/server/traceChannel.ts";
import { useCredentials } from "../../../../schemas/protocol/storage.ts";

class FakeLog {
  readonly lines: string[] = [];
  readonly #level = 1;
  get logLevel(): number {
    return this.#level;
  }
  trace(message: string): void {
    this.lines.push(`trace ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
}

it("leaves the credentials out of the trace, as text and as JSON, and passes on the rest", () => {
  const log = new FakeLog();
  const channel = createTraceChannel(log as unknown as LogOutputChannel);
  const { method } = useCredentials;
  channel.trace(`Sending notification '${method}'.\nParams: {"held":[{"token":"s3cr3t"}]}`);
  channel.trace(JSON.stringify({ type: "send-notification", message: { method, params: { held: ["s3cr3t"] } } }));
  channel.trace("Sending request 'x'.");
  channel.info("hello");
  expect(channel.logLevel).toBe(1);
  const sent = `trace Sending notification '${method}' (not shown).`;
  expect(log.lines).toEqual([sent, sent, "trace Sending request 'x'.", "info hello"]);
});
