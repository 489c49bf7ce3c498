/** Looks at the heads of replies on their way: S3 says in a redirect where a bucket is, and the redirect itself may lead nowhere. */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Connections } from "../web/connections.ts";

/** The same connections; `onHead` sees the status and headers of each reply. */
export function watchReplies(
  connections: Connections,
  onHead: (status: number, headers: IncomingHttpHeaders) => void,
): Connections {
  return {
    acquire(origin, owner, options) {
      const pool = connections.acquire(origin, owner, options);
      return { dispatch: (request, handler) => pool.dispatch(request, new WatchedHandler(handler, onHead)) };
    },
    release: (owner) => connections.release(owner),
  };
}

class WatchedHandler implements Dispatcher.DispatchHandler {
  readonly #inner: Dispatcher.DispatchHandler;
  readonly #onHead: (status: number, headers: IncomingHttpHeaders) => void;

  constructor(inner: Dispatcher.DispatchHandler, onHead: (status: number, headers: IncomingHttpHeaders) => void) {
    this.#inner = inner;
    this.#onHead = onHead;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#inner.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    this.#onHead(status, headers);
    this.#inner.onResponseStart?.(controller, status, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#inner.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#inner.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#inner.onResponseError?.(controller, error);
  }
}
