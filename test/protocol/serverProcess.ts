/** The built server as a child process, spoken to as an editor would: JSON-RPC over stdio, and the bulk socket. */
import { type ChildProcess, spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { FrameKind, frameHeaderBytes, openBulk } from "../../schemas/protocol/bulk.ts";
import type { RequestDefinition } from "../../schemas/protocol/rpc.ts";

const script = path.resolve(import.meta.dirname, "../../out/server/main.js");

export interface ServerProcess {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  request<P, R>(definition: RequestDefinition<P, R>, params: P, signal?: AbortSignal): Promise<R>;
  stop(): Promise<void>;
}

/** Starts a server and initialises it; `environment` is laid over this process's own. */
export async function startServer(
  initializationOptions: object = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script, "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions,
  });
  await connection.sendNotification("initialized", {});
  return {
    process: child,
    connection,
    async request(definition, params, signal) {
      const { CancellationTokenSource } = await import("vscode-jsonrpc/node");
      const source = new CancellationTokenSource();
      signal?.addEventListener("abort", () => source.cancel());
      return connection.sendRequest(definition.method, params, source.token);
    },
    async stop() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await exited;
      }
      connection.dispose();
    },
  };
}

export interface BulkClient {
  /** The bytes of a stream; rejects with the WireError of one that failed. */
  bytesOf(stream: number): Promise<Buffer>;
  cancel(stream: number): void;
  close(): void;
}

/** A plain reading of the frame format, independent of the extension's own. Gives all credit back at once. */
export async function connectBulk(server: ServerProcess): Promise<BulkClient> {
  const { path: address, token } = await server.request(openBulk, {});
  const socket = net.connect(address);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const parts = new Map<number, Buffer[]>();
  const ended = new Map<number, PromiseWithResolversOf<Buffer>>();
  const endOf = (stream: number): PromiseWithResolversOf<Buffer> => {
    const known = ended.get(stream) ?? withResolvers<Buffer>();
    ended.set(stream, known);
    return known;
  };
  let pending = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= frameHeaderBytes && pending.length >= frameHeaderBytes + pending.readUInt32LE(0)) {
      const length = pending.readUInt32LE(0);
      const kind = pending.readUInt8(4);
      const stream = pending.readUInt32LE(8);
      const payload = Buffer.from(pending.subarray(frameHeaderBytes, frameHeaderBytes + length));
      pending = pending.subarray(frameHeaderBytes + length);
      if (kind === FrameKind.Data) {
        parts.set(stream, [...(parts.get(stream) ?? []), payload]);
        const credit = Buffer.alloc(4);
        credit.writeUInt32LE(length);
        socket.write(frame(FrameKind.Credit, 0, credit));
      } else if (kind === FrameKind.End) {
        endOf(stream).resolve(Buffer.concat(parts.get(stream) ?? []));
      } else if (kind === FrameKind.Error) {
        endOf(stream).reject(JSON.parse(payload.toString()));
      }
    }
  });
  socket.write(frame(FrameKind.Hello, 0, Buffer.from(token)));
  return {
    bytesOf: (stream) => endOf(stream).promise,
    cancel: (stream) => socket.write(frame(FrameKind.Cancel, stream, Buffer.alloc(0))),
    close: () => socket.destroy(),
  };
}

function frame(kind: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(stream, 8);
  return Buffer.concat([header, payload]);
}

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
