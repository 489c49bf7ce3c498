/** The raw client against servers whose every byte the test writes. */

import { lookup } from "node:dns";
import type { AddressInfo, LookupFunction } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import type { Dispatcher } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CancelledError } from "../../../../../server/src/errors.ts";
import { exchange, type Reply } from "../../../../../server/src/storage/web/exchange.ts";
import { createRawDispatcher, type RawDispatcher } from "../../../../../server/src/storage/web/rawDispatcher.ts";

/** What the server does with the n-th request of all; the request's text comes with it. */
type Answer = (socket: Socket, request: string) => void;

let server: Server;
let answers: Answer[];
let requests: string[];
let sockets: Set<Socket>;
let fallbacks: string[];
let client: RawDispatcher;
const running = new Set<() => void>();

const ok = (body: string, headers = ""): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;
const send =
  (text: string): Answer =>
  (socket) =>
    void socket.write(text);

beforeEach(async () => {
  answers = [];
  requests = [];
  fallbacks = [];
  sockets = new Set();
  server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        requests.push(request);
        (answers.shift() ?? send(ok("more")))(socket, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = open();
});

afterEach(async () => {
  client.destroy();
  for (const socket of sockets) {
    socket.destroy();
  }
  await new Promise((resolve) => server.close(resolve));
});

function open(options: { connections?: number; idleMs?: number; connectTimeoutMs?: number } = {}): RawDispatcher {
  const fallback: Pick<Dispatcher, "dispatch"> = {
    dispatch({ path }, handler) {
      fallbacks.push(path);
      const controller = { abort: () => undefined } as unknown as Dispatcher.DispatchController; // all that is asked of it
      handler.onRequestStart?.(controller, {});
      handler.onResponseStart?.(controller, 200, { "content-length": "4" }, "OK");
      handler.onResponseData?.(controller, Buffer.from("slow"));
      handler.onResponseEnd?.(controller, {});
      return true;
    },
  };
  return createRawDispatcher({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 2,
    connectTimeoutMs: 5000,
    idleMs: 5000,
    lookup: lookup as LookupFunction,
    fallback,
    ...options,
  });
}

function ask(
  path: string,
  { signal, method = "GET" as "GET" | "HEAD", headers = {} } = {} as AskOptions,
): Promise<Reply> {
  const everything = { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: 1e6 };
  return exchange(client, { method, path, headers, signal, running, timeoutMs: 5000, choose: () => everything });
}
interface AskOptions {
  readonly signal?: AbortSignal;
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
}

const textOf = async (reply: Promise<Reply>): Promise<string> => Buffer.from((await reply).bytes).toString();

describe("the raw client", () => {
  it("sends one request after the other on a connection", async () => {
    answers = [send(ok("a", "x-one: 1\r\n")), send(ok("bb"))];
    const first = await ask("/a?x=1", { headers: { "accept-encoding": "gzip" } });
    expect(first.headers["x-one"]).toBe("1");
    expect(await textOf(ask("/b"))).toBe("bb");
    expect(sockets.size).toBe(1);
    expect(requests[0]?.split("\r\n")).toEqual([
      "GET /a?x=1 HTTP/1.1",
      `host: 127.0.0.1:${(server.address() as AddressInfo).port}`,
      "connection: keep-alive",
      "accept-encoding: gzip",
    ]);
  });

  it("opens no more connections than are allowed, and answers all that wait", async () => {
    const paths = Array.from({ length: 9 }, (_, i) => `/${i}`);
    answers = paths.map(() => (socket, request) => void socket.write(ok(request.slice(5, 6))));
    expect(await Promise.all(paths.map((path) => textOf(ask(path))))).toEqual([..."012345678"]);
    expect(sockets.size).toBe(2);
  });

  it("takes bodies in chunks, and opens a new connection where the server closes", async () => {
    answers = [
      send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
      (socket) => void socket.end(ok("b", "connection: close\r\n")),
    ];
    expect([await textOf(ask("/1")), await textOf(ask("/2")), await textOf(ask("/3"))]).toEqual(["a", "b", "more"]);
    expect(sockets.size).toBe(2);
  });

  it.each([
    ["HEAD", "HEAD" as const, [] as Answer[], 0],
    ["a reply without a length", "GET" as const, [send("HTTP/1.1 200 OK\r\n\r\nabc")], 1],
    ["an informational reply", "GET" as const, [send(`HTTP/1.1 103 Early Hints\r\n\r\n${ok("a")}`)], 1],
  ])("leaves to the other client: %s", async (_name, method, plan, seen) => {
    answers = [...plan];
    expect(await textOf(ask("/x", { method }))).toBe("slow");
    expect(requests).toHaveLength(seen);
    expect(fallbacks).toEqual(["/x"]);
    await ask("/y");
    expect(fallbacks).toEqual(method === "GET" ? ["/x", "/y"] : ["/x"]);
  });

  it("sends a request again whose connection the server had closed meanwhile, once", async () => {
    answers = [send(ok("a")), (socket) => void socket.destroy(), send(ok("b"))];
    expect([await textOf(ask("/1")), await textOf(ask("/2"))]).toEqual(["a", "b"]);
    answers = [(socket) => void socket.destroy(), (socket) => void socket.destroy()];
    await expect(ask("/3")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(requests).toHaveLength(5);
  });

  it("fails where the body ends early, and goes on afterwards", async () => {
    answers = [(socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc")];
    await expect(ask("/1")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await textOf(ask("/2"))).toBe("more");
  });

  it("ends the connection of a request that is aborted, and of no other", async () => {
    const abort = new AbortController();
    answers = [
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab");
        setImmediate(() => abort.abort());
      },
    ];
    await expect(ask("/1", { signal: abort.signal })).rejects.toBeInstanceOf(CancelledError);
    expect(await textOf(ask("/2"))).toBe("more");
    expect(sockets.size).toBe(2);
  });

  it("drops a request that is aborted while it waits", async () => {
    client.destroy();
    client = open({ connections: 1 });
    const abort = new AbortController();
    let release: () => void = () => undefined;
    answers = [(socket) => (release = () => void socket.write(ok("a")))];
    const first = textOf(ask("/1"));
    const second = ask("/2", { signal: abort.signal });
    abort.abort();
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    const third = textOf(ask("/3"));
    await expect.poll(() => requests.length).toBe(1);
    release();
    expect([await first, await third]).toEqual(["a", "more"]);
    expect(requests.map((request) => request.slice(4, 6))).toEqual(["/1", "/3"]);
  });

  it("closes a connection that nobody uses", async () => {
    client.destroy();
    client = open({ idleMs: 1 });
    await ask("/1");
    await expect.poll(() => [...sockets].every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
    expect(await textOf(ask("/2"))).toBe("more");
  });

  it("says who refused the connection", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    client.destroy();
    client = createRawDispatcher({
      origin: `http://127.0.0.1:${port}`,
      connections: 1,
      connectTimeoutMs: 5000,
      idleMs: 5000,
      lookup: lookup as LookupFunction,
      fallback: client,
    });
    await expect(ask("/1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(ask("/2")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("fails what is under way when it is destroyed", async () => {
    answers = [() => client.destroy()];
    await expect(ask("/1")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("sends no header that holds a line break", async () => {
    await expect(ask("/1", { headers: { a: "b\r\nc: d" } })).rejects.toThrow(/line break/);
    expect(await textOf(ask("/2"))).toBe("more");
    expect(requests).toHaveLength(1);
  });
});
