/** One HTTP request and its reply: the body bounded while it arrives, the socket freed by a time-out or an abort. */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { CancelledError, TooLargeError } from "../../errors.ts";

export interface ExchangeRequest {
  readonly method: "GET" | "HEAD";
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Holds, while the exchange runs, what ends it as an abort does. */
  readonly running: Set<() => void>;
  /** Gives memory for a body, or the part of it that is wanted, of known size. */
  readonly allocate?: ((sizeBytes: number) => Uint8Array) | undefined;
  /** Without a byte, counted from when the request is on its socket. */
  readonly timeoutMs: number;
  /** Called with the reply's head: which bytes of the body are wanted. What it throws ends the exchange. */
  choose(head: ReplyHead): BodyWindow;
}

export interface ReplyHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** From the Content-Length, when there is one. */
  readonly length: number | undefined;
}

/** Leaves out `skip` bytes, then keeps `take`; TooLargeError as soon as more than `maxBytes` would be kept. */
export interface BodyWindow {
  readonly skip: number;
  readonly take: number;
  readonly maxBytes: number;
}

/** Nothing is wanted; a short body is still read, so that the connection can be used again. */
export const noBody: BodyWindow = { skip: 0, take: 0, maxBytes: 0 };
const longestIgnoredBytes = 64 * 1024;

export interface Reply extends ReplyHead {
  readonly bytes: Uint8Array;
}

/** Nothing arrived for too long. */
export class ReplyTimeout extends Error {}

/** Sends a request. Rejects with CancelledError, TooLargeError, ReplyTimeout, or the error of the connection. */
export function exchange(dispatcher: Pick<Dispatcher, "dispatch">, request: ExchangeRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    new Exchange(request, resolve, reject).start(dispatcher);
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: unknown) => void;
  readonly #onAbort = (): void => this.#fail(new CancelledError("the operation was cancelled"));
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #head: ReplyHead | undefined;
  #body: BodyCollector | undefined;
  #isSettled = false;

  constructor(request: ExchangeRequest, resolve: (reply: Reply) => void, reject: (error: unknown) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(dispatcher: Pick<Dispatcher, "dispatch">): void {
    const { method, path, headers, signal, running } = this.#request;
    if (signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    running.add(this.#onAbort);
    try {
      dispatcher.dispatch({ method, path, headers, headersTimeout: 0, bodyTimeout: 0 }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) {
      controller.abort(new CancelledError("the operation was cancelled"));
      return;
    }
    const { timeoutMs } = this.#request;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(new ReplyTimeout(`no byte for ${timeoutMs} ms`)), timeoutMs);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#isSettled) {
      return;
    }
    this.#timer?.refresh();
    const length = /^\d+$/.test(headers["content-length"] ?? "") ? Number(headers["content-length"]) : undefined;
    try {
      this.#head = { status, headers, length };
      this.#body = new BodyCollector(this.#request.choose(this.#head), length, this.#request.allocate);
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isSettled) {
      return;
    }
    this.#timer?.refresh();
    try {
      if (this.#body?.add(chunk)) {
        this.#finish();
        this.#controller?.abort(new Error("the rest of the body is not wanted"));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #finish(): void {
    const head = this.#head;
    const bytes = this.#body?.bytes();
    if (head !== undefined && bytes !== undefined && this.#settle()) {
      this.#resolve({ ...head, bytes });
    }
  }

  #fail(error: unknown): void {
    if (this.#settle()) {
      this.#reject(error);
      this.#controller?.abort(error instanceof Error ? error : new Error("the exchange failed"));
    }
  }

  /** True for the first outcome only. */
  #settle(): boolean {
    const isFirst = !this.#isSettled;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#request.running.delete(this.#onAbort);
    return isFirst;
  }
}

/** Gathers the window of a body; in memory of the right size from the start where the length is known. */
class BodyCollector {
  readonly #window: BodyWindow;
  readonly #known: Uint8Array | undefined;
  readonly #parts: Uint8Array[] = [];
  #seen = 0;
  #kept = 0;

  constructor(window: BodyWindow, length: number | undefined, allocate: ExchangeRequest["allocate"]) {
    this.#window = window;
    const expected = length === undefined ? undefined : Math.min(window.take, Math.max(0, length - window.skip));
    if (expected !== undefined && expected > window.maxBytes) {
      throw tooLarge(expected, window.maxBytes);
    }
    this.#known = expected === undefined ? undefined : (allocate?.(expected) ?? Buffer.allocUnsafeSlow(expected));
  }

  /** True when what is wanted is complete while the body goes on. */
  add(chunk: Uint8Array): boolean {
    const { skip, take, maxBytes } = this.#window;
    const from = Math.max(0, skip - this.#seen);
    const part = chunk.subarray(from, from + Math.max(0, take - this.#kept));
    this.#seen += chunk.byteLength;
    if (this.#kept + part.byteLength > maxBytes) {
      throw tooLarge(this.#kept + part.byteLength, maxBytes);
    }
    if (part.byteLength > 0 && this.#known === undefined) {
      this.#parts.push(Uint8Array.from(part));
    } else if (this.#known !== undefined) {
      this.#known.set(part.subarray(0, this.#known.byteLength - this.#kept), this.#kept);
    }
    this.#kept += part.byteLength;
    const ignored = this.#seen - skip - this.#kept;
    return this.#kept >= take && ignored > (take === 0 ? longestIgnoredBytes : 0);
  }

  /** Plain: a Buffer among them would show itself in what callers do with it. Memory that was not written is never given away. */
  bytes(): Uint8Array {
    if (this.#known instanceof Buffer) {
      return new Uint8Array(this.#known.buffer, 0, this.#kept);
    }
    if (this.#known !== undefined) {
      return this.#known.byteLength === this.#kept ? this.#known : this.#known.slice(0, this.#kept);
    }
    const all = new Uint8Array(this.#kept);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.byteLength;
    }
    return all;
  }
}

function tooLarge(bytes: number, maxBytes: number): TooLargeError {
  return new TooLargeError(`an object of ${bytes} bytes or more, at most ${maxBytes} are read`);
}
