/** The server's end of the bulk channel (schemas/protocol/bulk.ts): a local socket for one client, credits, cancellation. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import {
  FrameKind,
  frameHeaderBytes,
  initialCredit,
  maxFramePayloadBytes,
  type OpenBulkResult,
} from "../../../schemas/protocol/bulk.ts";
import { CancelledError, toWireError, UnreachableError } from "../errors.ts";

export interface BulkServer {
  /** Listens, and gives the address and a token that is good for one connection. */
  open(): Promise<OpenBulkResult>;
  /** Sends the bytes of a stream and its end. Resolves when the last byte was handed to the socket; rejects when the client cancels or leaves. */
  send(stream: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Ends a stream with an error instead. */
  fail(stream: number, error: unknown): void;
  /** Aborted when the client cancels the stream or goes away. */
  signalOf(stream: number): AbortSignal;
  dispose(): void;
}

/** Longest frame that a client has reason to send. */
const maxClientPayload = 4096;
/** Time in which a client that was given an address must have said HELLO. */
const helloTimeoutMs = 1_000;

interface Connection {
  readonly socket: net.Socket;
  credit: number;
  /** Woken when credit arrives. */
  readonly waiting: Set<() => void>;
}

export function createBulkServer(): BulkServer {
  const streams = new Map<number, AbortController>();
  const tokens = new Set<string>();
  let listening: Promise<{ readonly server: net.Server; readonly path: string; readonly folder?: string }> | undefined;
  let connection: Connection | undefined;
  /** Woken when a client has said HELLO. */
  const greeted = new Set<() => void>();

  function accept(socket: net.Socket): void {
    let pending = Buffer.alloc(0);
    let isKnown = false;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (connection?.socket === socket) {
        leave();
      }
    });
    socket.on("data", (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= frameHeaderBytes) {
        const length = pending.readUInt32LE(0);
        if (length > maxClientPayload) {
          socket.destroy();
          return;
        }
        if (pending.length < frameHeaderBytes + length) {
          return;
        }
        const kind = pending.readUInt8(4);
        const stream = pending.readUInt32LE(8);
        const payload = pending.subarray(frameHeaderBytes, frameHeaderBytes + length);
        pending = pending.subarray(frameHeaderBytes + length);
        if (!isKnown) {
          isKnown = kind === FrameKind.Hello && redeem(payload);
          if (!isKnown) {
            socket.destroy();
            return;
          }
          leave();
          connection = { socket, credit: initialCredit, waiting: new Set() };
          for (const resume of greeted) {
            resume();
          }
          greeted.clear();
        } else if (kind === FrameKind.Cancel) {
          streams.get(stream)?.abort();
        } else if (kind === FrameKind.Credit && payload.length === 4 && connection !== undefined) {
          connection.credit = Math.min(initialCredit, connection.credit + payload.readUInt32LE(0));
          wake(connection);
        }
      }
    });
  }

  /** Is this one of the tokens given out? Each is good once. */
  function redeem(payload: Buffer): boolean {
    for (const token of tokens) {
      const expected = Buffer.from(token);
      if (expected.length === payload.length && timingSafeEqual(expected, payload)) {
        tokens.delete(token);
        return true;
      }
    }
    return false;
  }

  function leave(): void {
    const left = connection;
    if (left === undefined) {
      // A first client abandons nothing: what was asked for before its HELLO came is its own.
      return;
    }
    connection = undefined;
    for (const controller of streams.values()) {
      controller.abort();
    }
    wake(left);
    left.socket.destroy();
  }

  /** The connection; a HELLO and the request after it travel by different ways, so it may still be on its way. */
  async function connected(signals: readonly AbortSignal[]): Promise<Connection> {
    if (connection === undefined && tokens.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, helloTimeoutMs).unref();
        greeted.add(() => {
          clearTimeout(timer);
          resolve();
        });
        for (const signal of signals) {
          signal.addEventListener("abort", () => resolve(), { once: true });
        }
      });
    }
    if (signals.some((signal) => signal.aborted)) {
      throw new CancelledError("the stream is not wanted any more");
    }
    if (connection === undefined) {
      throw new UnreachableError("the bulk channel is not connected", {
        hint: "open it with cloudvolume/bulk/open first",
      });
    }
    return connection;
  }

  function wake({ waiting }: Connection): void {
    for (const resume of waiting) {
      resume();
    }
    waiting.clear();
  }

  function controllerOf(stream: number): AbortController {
    const controller = streams.get(stream) ?? new AbortController();
    streams.set(stream, controller);
    return controller;
  }

  async function takeCredit(holder: Connection, bytes: number, signals: readonly AbortSignal[]): Promise<void> {
    while (holder.credit < bytes) {
      await new Promise<void>((resolve) => {
        holder.waiting.add(resolve);
        for (const signal of signals) {
          signal.addEventListener("abort", () => resolve(), { once: true });
        }
      });
      if (connection !== holder || signals.some((signal) => signal.aborted)) {
        throw new CancelledError("the stream is not wanted any more");
      }
    }
    holder.credit -= bytes;
  }

  return {
    async open() {
      listening ??= listen(accept);
      const { path: address } = await listening;
      const token = randomBytes(32).toString("hex");
      tokens.add(token);
      return { path: address, token };
    },
    async send(stream, bytes, signal) {
      const own = controllerOf(stream);
      try {
        const holder = await connected([signal, own.signal]);
        for (let offset = 0; offset < bytes.byteLength; offset += maxFramePayloadBytes) {
          const piece = bytes.subarray(offset, offset + maxFramePayloadBytes);
          await takeCredit(holder, piece.byteLength, [signal, own.signal]);
          if (signal.aborted || own.signal.aborted || connection !== holder) {
            throw new CancelledError("the stream is not wanted any more");
          }
          holder.socket.write(frame(FrameKind.Data, stream, piece));
        }
        holder.socket.write(frame(FrameKind.End, stream, new Uint8Array()));
      } finally {
        streams.delete(stream);
      }
    },
    fail(stream, error) {
      streams.delete(stream);
      connection?.socket.write(frame(FrameKind.Error, stream, Buffer.from(JSON.stringify(toWireError(error)))));
    },
    signalOf: (stream) => controllerOf(stream).signal,
    dispose() {
      leave();
      for (const controller of streams.values()) {
        controller.abort();
      }
      tokens.clear();
      void listening?.then(({ server, folder }) => {
        server.close();
        if (folder !== undefined) {
          rmSync(folder, { recursive: true, force: true });
        }
      });
    },
  };
}

/** Listens where only this user can connect: a socket in a folder of mode 0700, or a pipe with a random name. */
async function listen(
  accept: (socket: net.Socket) => void,
): Promise<{ server: net.Server; path: string; folder?: string }> {
  const name = randomBytes(12).toString("hex");
  const isWindows = process.platform === "win32";
  const folder = isWindows ? undefined : mkdtempSync(path.join(os.tmpdir(), "cloudvolume-"));
  const address = folder === undefined ? `\\\\.\\pipe\\cloudvolume-${name}` : path.join(folder, "bulk");
  const server = net.createServer(accept);
  server.maxConnections = 4;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, resolve);
  });
  server.unref();
  if (folder === undefined) {
    return { server, path: address };
  }
  chmodSync(address, 0o600);
  return { server, path: address, folder };
}

function frame(kind: FrameKind, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.byteLength);
  bytes.writeUInt32LE(payload.byteLength, 0);
  bytes.writeUInt8(kind, 4);
  bytes.writeUInt32LE(stream, 8);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}
