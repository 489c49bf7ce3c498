/** One connection of the raw client: a request after the other, each answered before the next is sent. */
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Dispatcher } from "undici";
import { createReplyParser, type ReplyParser } from "./replyParser.ts";

/** A request that waits for its connection. */
export interface RawJob {
  /** What goes over the connection. */
  readonly text: string;
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
  /** It went out once on a connection that the server had closed meanwhile. */
  readonly isSecondTry: boolean;
}

export interface RawLinkOptions {
  readonly origin: string;
  readonly connectTimeoutMs: number;
  readonly idleMs: number;
  readonly lookup: LookupFunction;
}

export interface RawLinkEvents {
  /** The request is answered; the connection takes another. */
  freed(link: RawLink): void;
  /** Comes last. */
  closed(link: RawLink): void;
  /** The connection was gone before the server answered: a GET that may be sent again. */
  unanswered(job: RawJob): void;
  /** The server answers in a way that is not for this client. */
  unfit(job: RawJob): void;
}

export interface RawLink {
  /** Only when there is no request under way. */
  run(job: RawJob): void;
  /** Nothing to do: the connection ends after a while, and keeps no process alive. */
  rest(): void;
  /** What is under way fails. */
  destroy(): void;
}

export function createRawLink(options: RawLinkOptions, events: RawLinkEvents): RawLink {
  return new Connection(options, events);
}

const readBytes = 64 * 1024;

class Connection implements RawLink {
  readonly #options: RawLinkOptions;
  readonly #events: RawLinkEvents;
  readonly #socket: Socket;
  #job: RawJob | undefined;
  #controller: Controller | undefined;
  #parser: ReplyParser | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isConnected = false;
  #isUsed = false;

  constructor(options: RawLinkOptions, events: RawLinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#socket = openSocket(options, (bytes) => this.#take(bytes));
    this.#socket.setNoDelay(true);
    this.#socket.once(options.origin.startsWith("https:") ? "secureConnect" : "connect", () => this.#connected());
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("end", () => this.#fail(closedError()));
    this.#socket.on("close", () => {
      clearTimeout(this.#timer);
      this.#fail(closedError());
      this.#events.closed(this);
    });
    const late = (): void => this.#fail(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" }));
    this.#timer = setTimeout(late, options.connectTimeoutMs);
  }

  run(job: RawJob): void {
    this.#job = job;
    this.#parser = createReplyParser();
    this.#controller = new Controller((reason) => this.#fail(reason));
    if (this.#isConnected) {
      clearTimeout(this.#timer);
      this.#socket.ref();
      this.#send(job);
    }
  }

  rest(): void {
    this.#socket.unref();
    this.#timer = setTimeout(() => this.destroy(), this.#options.idleMs).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #connected(): void {
    clearTimeout(this.#timer);
    this.#isConnected = true;
    if (this.#job !== undefined) {
      this.#send(this.#job);
    }
  }

  #send({ text, handler }: RawJob): void {
    const controller = this.#controller;
    if (controller !== undefined) {
      handler.onRequestStart?.(controller, {});
    }
    if (this.#job !== undefined) {
      this.#socket.write(text, "latin1");
    }
  }

  #take(bytes: Buffer): void {
    const { handler } = this.#job ?? {};
    const [parser, controller] = [this.#parser, this.#controller];
    if (handler === undefined || parser === undefined || controller === undefined) {
      this.destroy(); // nobody asked for anything
      return;
    }
    const outcome = parser.take(bytes, {
      head: (status, headers) => handler.onResponseStart?.(controller, status, headers, ""),
      body: (part) => {
        if (!controller.aborted) {
          handler.onResponseData?.(controller, part);
        }
      },
    });
    if (controller.aborted || outcome === "more") {
      return;
    }
    if (outcome === "bad") {
      this.#fail(Object.assign(new Error("a body in chunks that are none"), { code: "ECONNRESET" }));
    } else {
      this.#end(outcome);
    }
  }

  #end(outcome: "unfit" | "end" | "last"): void {
    const job = this.#job;
    const controller = this.#controller;
    this.#job = undefined;
    this.#isUsed = true;
    if (outcome !== "end") {
      this.destroy();
    }
    if (job === undefined || controller === undefined) {
      return;
    }
    if (outcome === "unfit") {
      this.#events.unfit(job);
      return;
    }
    job.handler.onResponseEnd?.(controller, {});
    if (outcome === "end") {
      this.#events.freed(this);
    }
  }

  #fail(error: Error): void {
    const job = this.#job;
    this.#job = undefined;
    this.destroy();
    if (job === undefined) {
      return;
    }
    const isAborted = this.#controller?.aborted === true;
    const isStale = this.#isUsed && this.#parser?.hasBytes === false && !job.isSecondTry && !isAborted;
    if (isStale) {
      this.#events.unanswered(job);
    } else if (this.#controller !== undefined) {
      job.handler.onResponseError?.(this.#controller, error);
    }
  }
}

/** What a handler holds of its request. */
class Controller implements Dispatcher.DispatchController {
  readonly paused = false;
  readonly rawHeaders = null;
  readonly rawTrailers = null;
  readonly #onAbort: (reason: Error) => void;
  #reason: Error | null = null;

  constructor(onAbort: (reason: Error) => void) {
    this.#onAbort = onAbort;
  }

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  abort(reason: Error): void {
    if (this.#reason === null) {
      this.#reason = reason;
      this.#onAbort(reason);
    }
  }

  /** Bodies are bounded, and copied as they arrive. */
  pause(): void {}
  resume(): void {}
}

function closedError(): Error {
  return Object.assign(new Error("the server closed the connection"), { code: "ECONNRESET" });
}

/** A socket whose bytes all arrive in one buffer, which is used again. */
function openSocket({ origin, lookup }: RawLinkOptions, take: (bytes: Buffer) => void): Socket {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, "");
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const onread = {
    buffer,
    callback: (sizeBytes: number): boolean => {
      take(buffer.subarray(0, sizeBytes));
      return true;
    },
  };
  if (protocol === "http:") {
    return connectTcp({ host, port: Number(port || 80), lookup, onread });
  }
  const servername = isIP(host) === 0 ? { servername: host } : {};
  // `onread` is an option of the socket below, which the types of tls leave out.
  const options = { host, port: Number(port || 443), lookup, onread, ALPNProtocols: ["http/1.1"], ...servername };
  return connectTls(options);
}

/** The request as it is sent. Throws TypeError for a header that holds a line break. */
export function requestText(origin: string, { path, headers }: Dispatcher.DispatchOptions): string {
  const own = Object.entries((headers ?? {}) as Readonly<Record<string, string>>);
  const lines = own.map(([name, value]) => `${name}: ${checkHeader(value)}\r\n`).join("");
  return `GET ${checkHeader(path)} HTTP/1.1\r\nhost: ${new URL(origin).host}\r\nconnection: keep-alive\r\n${lines}\r\n`;
}

/** A line break in a header would be another header. */
function checkHeader(text: string): string {
  if (/[\r\n\0]/.test(text)) {
    throw new TypeError("a request header with a line break");
  }
  return text;
}
