import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openBulkChannel } from "../../../../client/src/server/bulkChannel.ts";
import { encodeFrame } from "../../../../client/src/server/bulkFrames.ts";
import { FrameKind } from "../../../../schemas/protocol/bulk.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) {
    clean();
  }
});

/** A server that answers the first bytes of a client with `answer`; resolves `hello` with those bytes. */
async function serve(answer: (socket: Socket) => void) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bulk-test-"));
  const address = path.join(folder, "s");
  let greet: (bytes: Buffer) => void = () => undefined;
  const hello = new Promise<Buffer>((resolve) => {
    greet = resolve;
  });
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes: Buffer) => {
      greet(bytes);
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(address, resolve));
  cleanups.push(
    () => server.close(),
    () => rmSync(folder, { recursive: true }),
  );
  return { address, hello };
}

describe("openBulkChannel", () => {
  it("says HELLO with the token first", async () => {
    const { address, hello } = await serve(() => undefined);
    const channel = await openBulkChannel({ path: address, token: "secret" });
    cleanups.push(() => channel.dispose());
    expect(await hello).toEqual(Buffer.from(encodeFrame(FrameKind.Hello, 0, new TextEncoder().encode("secret"))));
  });

  it("carries a stream", async () => {
    const { address } = await serve((socket) => {
      socket.write(encodeFrame(FrameKind.Data, 3, Uint8Array.of(1, 2)));
      socket.write(encodeFrame(FrameKind.End, 3));
    });
    const channel = await openBulkChannel({ path: address, token: "t" });
    cleanups.push(() => channel.dispose());
    expect([...(await channel.open(3).read(2))]).toEqual([1, 2]);
  });

  it("rejects what is pending when the server goes away", async () => {
    const { address } = await serve((socket) => socket.destroy());
    const channel = await openBulkChannel({ path: address, token: "t" });
    await expect(channel.open(3).read(2)).rejects.toMatchObject({ wire: { tag: "unreachable" } });
    expect(channel.isClosed).toBe(true);
  });

  it("fails in words when nobody listens", async () => {
    const address = path.join(os.tmpdir(), "no-such-bulk-socket");
    await expect(openBulkChannel({ path: address, token: "t" })).rejects.toThrow(
      "the bulk channel of the CloudVolume server does not answer",
    );
  });
});
