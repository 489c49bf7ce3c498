/** The client's end of the bulk channel: one socket or pipe per connection, owned by whoever opened it. */
import { connect, type Socket } from "node:net";
import { FrameKind, type OpenBulkResult } from "../../../schemas/protocol/bulk.ts";
import { encodeFrame } from "./bulkFrames.ts";
import { type BulkStream, createBulkStreams } from "./bulkStreams.ts";
import { serverGoneError } from "./serverError.ts";

/** An open connection. */
export interface BulkChannel {
  readonly isClosed: boolean;
  open(stream: number): BulkStream;
  /** Closes the connection and rejects what is pending; idempotent. */
  dispose(): void;
}

/** Time in which the local socket must accept. */
const connectTimeoutMs = 10_000;

/** Connects and says HELLO. `endpoint` is good for one call. */
export function openBulkChannel(endpoint: OpenBulkResult): Promise<BulkChannel> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint.path);
    const fail = (cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(serverGoneError("the bulk channel of the CloudVolume server does not answer", cause));
    };
    const timer = setTimeout(fail, connectTimeoutMs);
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      socket.write(encodeFrame(FrameKind.Hello, 0, new TextEncoder().encode(endpoint.token)));
      resolve(channelOver(socket));
    });
  });
}

function channelOver(socket: Socket): BulkChannel {
  let isClosed = false;
  const streams = createBulkStreams((frame) => {
    if (!isClosed) {
      socket.write(frame);
    }
  });
  const close = (cause?: unknown): void => {
    isClosed = true;
    streams.close(cause);
    socket.destroy();
  };
  socket.on("data", (bytes: Buffer) => {
    try {
      streams.receive(bytes);
    } catch (error) {
      close(error);
    }
  });
  socket.on("error", close);
  socket.on("close", () => close());
  return {
    get isClosed() {
      return isClosed;
    },
    open: (stream) => streams.open(stream),
    dispose: () => close(),
  };
}
