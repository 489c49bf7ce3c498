import { statSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { FrameKind, frameHeaderBytes, initialCredit, maxFramePayloadBytes } from "../../../../schemas/protocol/bulk.ts";
import { InvalidChunkError } from "../../../../server/src/errors.ts";
import { type BulkServer, createBulkServer } from "../../../../server/src/lsp/bulkServer.ts";

interface Frame {
  readonly kind: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) {
    cleanup();
  }
});
const never = new AbortController().signal;

function frame(kind: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(stream, 8);
  return Buffer.concat([header, payload]);
}

/** A client that collects frames and can wait for one. */
async function connect(address: string, token: string) {
  const socket = net.connect(address);
  cleanups.push(() => socket.destroy());
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  let pending = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= frameHeaderBytes && pending.length >= frameHeaderBytes + pending.readUInt32LE(0)) {
      const end = frameHeaderBytes + pending.readUInt32LE(0);
      frames.push({
        kind: pending.readUInt8(4),
        stream: pending.readUInt32LE(8),
        payload: pending.subarray(frameHeaderBytes, end),
      });
      pending = pending.subarray(end);
    }
    for (const watcher of watchers) watcher();
  });
  const until = (isDone: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (isDone()) {
          watchers.delete(watcher);
          resolve();
        }
      };
      watchers.add(watcher);
      watcher();
    });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(frame(FrameKind.Hello, 0, Buffer.from(token)));
  return { socket, frames, until, closed };
}

async function start(): Promise<{ bulk: BulkServer; address: string; token: string }> {
  const bulk = createBulkServer();
  cleanups.push(() => bulk.dispose());
  const { path: address, token } = await bulk.open();
  return { bulk, address, token };
}

/** Sends once the server knows the connection. */
async function sendWhenConnected(bulk: BulkServer, stream: number, bytes: Uint8Array): Promise<void> {
  for (;;) {
    try {
      return await bulk.send(stream, bytes, never);
    } catch (error) {
      if ((error as { tag?: string }).tag !== "unreachable") throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

it("listens where only this user can connect", async () => {
  const { address } = await start();
  expect(statSync(path.dirname(address)).mode & 0o777).toBe(0o700);
  expect(statSync(address).mode & 0o777).toBe(0o600);
});

it("closes a connection without the token, and one that uses a token twice", async () => {
  const { address, token } = await start();
  await (await connect(address, "0".repeat(64))).closed;
  const first = await connect(address, token);
  await (await connect(address, token)).closed;
  expect(first.socket.destroyed).toBe(false);
});

it("sends a stream in frames of at most 1 MiB, and its end", async () => {
  const { bulk, address, token } = await start();
  const client = await connect(address, token);
  const bytes = Uint8Array.from({ length: maxFramePayloadBytes + 3 }, (_, i) => i);
  await sendWhenConnected(bulk, 5, bytes);
  await client.until(() => client.frames.length === 3);
  expect(client.frames.map(({ kind, stream, payload }) => [kind, stream, payload.length])).toEqual([
    [FrameKind.Data, 5, maxFramePayloadBytes],
    [FrameKind.Data, 5, 3],
    [FrameKind.End, 5, 0],
  ]);
  expect(Buffer.concat(client.frames.map(({ payload }) => payload)).equals(bytes)).toBe(true);
});

it("waits for credit, and goes on when it comes", async () => {
  const { bulk, address, token } = await start();
  const client = await connect(address, token);
  let isSent = false;
  const sending = sendWhenConnected(bulk, 1, new Uint8Array(initialCredit + 1)).then(() => {
    isSent = true;
  });
  await client.until(() => client.frames.length === initialCredit / maxFramePayloadBytes);
  expect(isSent).toBe(false);
  const credit = Buffer.alloc(4);
  credit.writeUInt32LE(maxFramePayloadBytes);
  client.socket.write(frame(FrameKind.Credit, 0, credit));
  await sending;
});

it("aborts a stream's signal when the client cancels it, and all of them when the client leaves", async () => {
  const { bulk, address, token } = await start();
  const client = await connect(address, token);
  await sendWhenConnected(bulk, 9, new Uint8Array(1));
  const aborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  const [one, two] = [aborted(bulk.signalOf(1)), aborted(bulk.signalOf(2))];
  client.socket.write(frame(FrameKind.Cancel, 1));
  await one;
  expect(bulk.signalOf(2).aborted).toBe(false);
  client.socket.destroy();
  await two;
});

it("carries an error in its wire form", async () => {
  const { bulk, address, token } = await start();
  const client = await connect(address, token);
  await sendWhenConnected(bulk, 1, new Uint8Array());
  bulk.fail(2, new InvalidChunkError("broken", { chunk: "0-1_0-1_0-1" }));
  await client.until(() => client.frames.some(({ stream }) => stream === 2));
  const failure = client.frames.find(({ stream }) => stream === 2) as Frame;
  expect([failure.kind, JSON.parse(failure.payload.toString())]).toEqual([
    FrameKind.Error,
    { tag: "invalid_chunk", message: "broken", data: { chunk: "0-1_0-1_0-1" } },
  ]);
});

it("refuses to send to nobody", async () => {
  const { bulk } = await start();
  await expect(bulk.send(1, new Uint8Array(1), never)).rejects.toMatchObject({ tag: "unreachable" });
});

it("keeps what was asked for before the HELLO came, and sends it after", async () => {
  const { bulk, address, token } = await start();
  const signal = bulk.signalOf(1);
  const sent = bulk.send(1, Uint8Array.of(7), never);
  const client = await connect(address, token);
  await sent;
  expect(signal.aborted).toBe(false);
  await client.until(() => client.frames.length === 2);
  expect(client.frames.map(({ kind, stream }) => [kind, stream])).toEqual([
    [FrameKind.Data, 1],
    [FrameKind.End, 1],
  ]);
});

it("stops waiting for a HELLO when it is disposed", async () => {
  const { bulk } = await start();
  const sent = bulk.send(1, Uint8Array.of(7), never);
  bulk.dispose();
  await expect(sent).rejects.toMatchObject({ tag: "cancelled" });
});
